//! The command `trace`: two programs talk in a jail, and what was on the wire between them is drawn.

mod ends;
mod placeholder;
mod script;
mod subject;

use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::time::{Instant, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use crate::bench::{Bench, Keeps};
use crate::cli::{self, Trace};
use crate::destination::Destination;
use crate::exit::Outcome;
use crate::jail::{self, Level, Walls};
use crate::report::html::{self, Traced};
use crate::report::human::{self, Colour};
use crate::transcript::merged;
use crate::verdict::{Stop, Trouble};
use crate::{grade, interrupt, level, wire};
use subject::{Refused, Subject, Usage};

/// Traces, draws, and says how it ended.
///
/// # Errors
/// Our own trouble; wrong usage comes back as [`Outcome::Usage`].
pub fn run(options: &Trace) -> Result<(String, Outcome)> {
    let usage = |message: String| Ok((String::new(), Outcome::Usage(message)));
    if let Err(message) = options.has_none_of_grade() {
        return usage(message);
    }
    let checker = std::env::current_exe().context("failed to find the checker's own executable")?;
    // Elsewhere the wire is the whole machine's, and recording it takes root.
    if let Err(message) = level::asked_for(cli::Jail::Full, &checker)? {
        return usage(format!("packets are recorded only in the jail `full`: {message}"));
    }
    let subject = match Subject::of(options) {
        Ok(subject) => subject,
        Err(Refused::Usage(message)) => return usage(message),
        Err(Refused::Unrun(lesson, status)) => {
            let mut said = format!("{}\n", subject::title(lesson)).into_bytes();
            human::unrun(&mut said, lesson, status)?;
            return Ok((String::from_utf8(said)?, Outcome::Failed));
        }
        Err(Refused::Trouble(error)) => return Err(error),
    };
    let mut walls = Walls::new(Level::Full, jail::Limits::default());
    if let Err(message) = grade::show(
        &mut walls,
        &options.binds,
        options.program.is_some() || options.server.is_some(),
    ) {
        return usage(message);
    }
    if let Subject::Any { client, .. } = &subject {
        walls.shown.extend(jail::needs(client));
    }
    let (page, pcap) = match destinations(options) {
        Ok(destinations) => destinations,
        Err(message) => return usage(message),
    };
    let seed = options.seed.unwrap_or_else(|| u64::from(fastrand::u32(..)));
    #[cfg(target_os = "linux")]
    let _duty = jail::Duty::begin();
    let (program, words) = (subject.program(), subject.words(seed));
    let mut bench = Bench::new(program, words, options.timeout, checker, walls, Keeps::Content);
    let begun = Instant::now();
    let step = match &subject {
        Subject::Lesson(_, _, script) => ends::of_lesson(&mut bench, script),
        Subject::Check(_, _, check) => (check.run)(&mut bench),
        Subject::Any { server, client, script } => ends::any(&mut bench, server, client, script),
    };
    let finding = match bench.concludes(step) {
        Ok(()) => None,
        Err(Stop::Finding(finding)) => Some(finding),
        // What was seen until then is drawn all the same.
        Err(Stop::Trouble(_)) if interrupt::was_requested() => None,
        Err(Stop::Trouble(Trouble { what })) => bail!("{what}"),
    };
    let took = begun.elapsed();
    let (entries, wire) = bench.into_observations();
    let wire = wire.context("failed to record packets: this kernel lacks what it takes (packet(7))")?;
    let story = wire::Story::of(&wire.record);
    let mut drawn = format!("{}\n", subject.title()).into_bytes();
    drawn.extend(wire::draw(&story, &wire.names, &entries, columns()).into_bytes());
    if let Some(finding) = &finding {
        writeln!(drawn)?;
        human::evidence(&mut drawn, finding, Colour::Plain)?;
        if let Some(section) = subject.section() {
            writeln!(drawn, "  read:  {section}")?;
        }
    }
    if let Some(destination) = page {
        let path = destination.named().to_path_buf();
        let page = html::render_trace(&Traced {
            title: subject.title(),
            entries: merged(entries, story.packets(&wire.names)),
            took,
            finding: finding.as_deref(),
            section: subject.section(),
            facts: story.facts(&wire.names).into_iter().map(|(_, fact)| fact).collect(),
            legend: story.legend(),
        });
        destination.holds(page.context("failed to write the page")?.as_bytes())?;
        writeln!(drawn, "\nthe page is in `{}`, for a browser", path.display())?;
    }
    if let Some(mut destination) = pcap {
        let path = destination.named().to_path_buf();
        let begun = wire.begun.duration_since(UNIX_EPOCH)?;
        wire::write_pcap(BufWriter::new(&mut destination), &wire.record, begun)
            .with_context(|| format!("failed to write packets to `{}`", path.display()))?;
        destination.finish()?;
        writeln!(drawn, "\npackets are in `{}`, for Wireshark and tshark", path.display())?;
    }
    let outcome = match finding {
        Some(_) => Outcome::Failed,
        None if interrupt::was_requested() => {
            writeln!(drawn, "\ninterrupted: that is what was seen until then")?;
            Outcome::Trouble
        }
        None => Outcome::Passed,
    };
    Ok((String::from_utf8(drawn)?, outcome))
}

/// Of the page and of the packets.
fn destinations(options: &Trace) -> Usage<(Option<Destination>, Option<Destination>)> {
    let opened = |flag: &str, path: &Option<PathBuf>| {
        let path = path.as_deref();
        path.map(|path| Destination::open(flag, path)).transpose()
    };
    let (page, pcap) = (opened("--html", &options.html)?, opened("--pcap", &options.pcap)?);
    match (&page, &pcap) {
        (Some(a), Some(b)) if a.is_the_file_of(b) => Err(format!(
            "`--html` and `--pcap` name the same file, `{}`: name one for each",
            b.named().display()
        )),
        (Some(_) | None, Some(_) | None) => Ok((page, pcap)),
    }
}

/// Of the terminal, if there is one.
fn columns() -> Option<usize> {
    let (_, columns) = console::Term::stdout().size_checked()?;
    Some(columns.into())
}
