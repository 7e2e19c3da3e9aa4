//! What differs from run to run, and so does not count.

/// In a drawing of `cargo trace`: what a program did, between the packets. Which of two is faster is chance.
const BESIDE_THE_WIRE: &str = "s  · ";

/// The lines of a text; those beside the wire come last, sorted.
pub(super) fn arranged(text: &str) -> Vec<&str> {
    let (mut beside, mut lines): (Vec<&str>, Vec<&str>) =
        text.trim_end().lines().partition(|line| line.contains(BESIDE_THE_WIRE));
    beside.sort_by_key(|line| line.split_once(BESIDE_THE_WIRE).map(|(_, what)| what));
    lines.append(&mut beside);
    lines
}

/// A text with its digits, its spaces and the length of its drawn lines masked, and its lines arranged.
pub(super) fn masked(text: &str) -> String {
    let mut masked = String::new();
    for line in arranged(text) {
        let mut last = '\n';
        for c in line.trim_end().chars() {
            let c = if c.is_ascii_digit() { '0' } else { c };
            if !(c == last && ['0', ' ', '─'].contains(&c)) {
                masked.push(c);
            }
            last = c;
        }
        masked.push('\n');
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_widths_do_not_count() {
        let here = "ESTAB 0  0   127.0.0.1:43818 ───▶ \nend";
        let there = "ESTAB 17 0 127.0.0.1:9 ─────▶\nend\n\n";
        assert_eq!(masked(here), masked(there));
        assert_ne!(masked(here), masked("ESTAB 17 0 127.0.0.1 ─▶\nend"));
    }

    #[test]
    fn what_programs_do_meanwhile_has_no_order() {
        let here = "1 ms  ─ SYN ─▶\n2 ms  · a prints\n3 ms  · b prints\n4 ms  ◀─ ACK ─";
        let there = "1 ms  ─ SYN ─▶\n2 ms  · b prints\n3 ms  ◀─ ACK ─\n4 ms  · a prints";
        assert_eq!(masked(here), masked(there));
        let turned = "1 ms  ◀─ ACK ─\n2 ms  · a prints\n3 ms  · b prints\n4 ms  ─ SYN ─▶";
        assert_ne!(masked(here), masked(turned));
    }
}
