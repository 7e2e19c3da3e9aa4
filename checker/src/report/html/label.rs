//! A text in the drawing, where nothing wraps by itself.

/// Of a character of the drawing's type; some of the far east are twice as wide.
const CHARACTER: usize = 7;

/// How wide these lines are drawn, at most.
pub(super) fn widest(lines: &[String]) -> usize {
    lines.iter().map(|line| width(line)).max().unwrap_or_default()
}

fn width(text: &str) -> usize {
    text.chars().map(of_character).sum()
}

fn of_character(character: char) -> usize {
    match character {
        '\u{1100}'.. => 2 * CHARACTER,
        _ => CHARACTER,
    }
}

/// Lines of at most this width, and at most so many: what is too much ends with `…`.
pub(super) fn lines(text: &str, width: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if lines.len() == most {
            if let Some(last) = lines.last_mut() {
                shorten(last, width);
            }
            break;
        }
        let (line, behind) = rest.split_at(fitting(rest, width));
        lines.push(line.trim_end().to_owned());
        rest = behind.trim_start();
    }
    lines
}

/// How many bytes fit: up to the last space, if that is not far back.
fn fitting(text: &str, room: usize) -> usize {
    let mut used = 0;
    let fits = |&(_, character): &(usize, char)| {
        used += of_character(character);
        used > room
    };
    let Some((end, _)) = text.char_indices().find(fits) else {
        return text.len();
    };
    let end = end.max(text.chars().next().map_or(0, char::len_utf8));
    match text[..end].rfind(' ') {
        Some(space) if space > end / 2 => space,
        Some(_) | None => end,
    }
}

fn shorten(line: &mut String, room: usize) {
    while width(line) + CHARACTER > room && line.pop().is_some() {}
    // It may end where something was left out already.
    line.truncate(line.trim_end_matches([' ', '…']).len());
    line.push('…');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_spaces_and_says_what_it_leaves_out() {
        assert_eq!(
            lines("receives end-of-file", 12 * CHARACTER, 2),
            ["receives", "end-of-file"]
        );
        assert_eq!(lines("aaaaaaaaaa", 4 * CHARACTER, 2), ["aaaa", "aaa…"]);
        assert_eq!(lines("你好你好", 4 * CHARACTER, 2), ["你好", "你好"]);
        assert!(lines("", 40, 2).is_empty());
        assert_eq!(lines("aaa … bbbbb", 6 * CHARACTER, 1), ["aaa…"]);
    }

    #[test]
    fn no_room_is_no_endless_loop() {
        assert_eq!(lines("你好", 0, 2).len(), 2);
    }
}
