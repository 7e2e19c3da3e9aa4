//! Markers, markup and pages.

use book_check::widgets;

use crate::data;

#[test]
fn pages_hold_the_widgets_that_the_data_says() {
    let stale = widgets::stale(&book_check::checkout()).expect("pages and data");
    let lines: Vec<String> = stale.iter().map(ToString::to_string).collect();
    assert!(stale.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn every_widget_has_a_table_that_says_it_all() {
    let data = data();
    for name in data.names() {
        let markup = data.markup(&name).expect(&name);
        assert!(markup.starts_with("<div class=\"widget\" "), "{name}");
        assert!(
            markup.ends_with("\n\n</div>\n"),
            "{name}: a blank line before the end, or the table is no table"
        );
        let rows: Vec<&str> = markup.lines().filter(|line| line.starts_with('|')).collect();
        assert!(rows.len() > 3, "{name} has {} rows", rows.len());
        let columns = rows[0].matches('|').count();
        for row in rows {
            assert_eq!(row.matches('|').count(), columns, "{name}: {row}");
        }
    }
}

#[test]
fn a_marker_is_filled_and_filled_again() {
    let data = data();
    let page = "# A\n\n<!-- widget: stepper arp -->\n\nText.\n\n<!-- widget: subnet -->\n";
    let filled = data.filled(page).expect("known widgets");
    assert!(filled.contains("data-scenario='arp'"));
    assert!(filled.contains("<!-- /widget -->\n\nText.\n"));
    assert!(filled.ends_with("</div>\n<!-- /widget -->\n"));
    assert_eq!(
        data.filled(&filled).as_ref(),
        Ok(&filled),
        "filling twice is filling once"
    );

    let stale = filled.replace("The router answers.", "The router is silent.");
    assert_ne!(stale, filled);
    assert_eq!(data.filled(&stale), Ok(filled));
}

#[test]
fn a_marker_in_a_code_block_is_an_example() {
    let page = "```text\n<!-- widget: subnet -->\n```\n";
    assert_eq!(data().filled(page).as_deref(), Ok(page));
}

#[test]
fn a_marker_of_no_widget_is_named_with_its_line() {
    let data = data();
    let (line, what) = data
        .filled("# A\n\n<!-- widget: tcp-stepper four-way -->\n")
        .expect_err("no such scenario");
    assert_eq!(line, 3);
    assert!(what.contains("four-way-close"), "what there is instead: {what}");
    let (_, what) = data.filled("<!-- widget: slider -->").expect_err("no such kind");
    assert!(what.contains("`slider`"), "{what}");
}
