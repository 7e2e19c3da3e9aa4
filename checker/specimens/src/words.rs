//! What a line means: the quit word, white space, the shout.

use specimens::Flaw;

/// Space, tab and `\r`: what may stand around the quit word.
fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

pub(crate) fn trim(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|&b| !is_white(b));
    let end = line.iter().rposition(|&b| !is_white(b));
    match (start, end) {
        (Some(start), Some(end)) => &line[start..=end],
        _ => b"",
    }
}

pub(crate) fn is_blank(line: &[u8]) -> bool {
    trim(line).is_empty()
}

pub(crate) fn is_quit(line: &[u8], flaw: Flaw) -> bool {
    match flaw {
        Flaw::QuitContainsQ => line.iter().any(|b| b"qQ".contains(b)),
        Flaw::QuitStartsWithQ => trim(line).first().is_some_and(|b| b"qQ".contains(b)),
        Flaw::QuitUntrimmed => line.eq_ignore_ascii_case(b"q"),
        Flaw::QuitTrimsSpacesAlone => matches!(line.trim_ascii(), b"q" | b"Q") && !line.contains(&b'\t'),
        Flaw::UpperCaseQuitOnly => trim(line) == b"Q",
        _ => trim(line).eq_ignore_ascii_case(b"q"),
    }
}

pub(crate) fn shout(bytes: &[u8], flaw: Flaw) -> Vec<u8> {
    match flaw {
        Flaw::ShoutsUnicode => match str::from_utf8(bytes) {
            Ok(text) => text.to_uppercase().into_bytes(),
            Err(_) => bytes.to_ascii_uppercase(),
        },
        Flaw::LossyAnswers => String::from_utf8_lossy(bytes).to_ascii_uppercase().into_bytes(),
        Flaw::DropsNonAscii => {
            let mut ascii = bytes.to_ascii_uppercase();
            ascii.retain(u8::is_ascii);
            ascii
        }
        Flaw::TrimsBeforeItAnswers => match str::from_utf8(bytes) {
            Ok(text) => text.trim().to_ascii_uppercase().into_bytes(),
            Err(_) => bytes.to_ascii_uppercase(),
        },
        Flaw::AnswersWithNewline => [&bytes.to_ascii_uppercase()[..], b"\n"].concat(),
        _ => bytes.to_ascii_uppercase(),
    }
}
