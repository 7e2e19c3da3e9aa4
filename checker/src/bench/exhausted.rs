//! A check whose programs ran out of memory: the kernel kills one of them, and a step sees only what comes of that, such as a reset.

use super::Bench;
use crate::verdict::{Finding, Kind, Step, Stop, Waiting};

impl Bench {
    /// What the check comes to: where the kernel killed a program for its memory, that is the finding, whatever a step has seen of it.
    pub fn concludes(&self, step: Step) -> Step {
        match (step, self.stage.exceeded_memory()) {
            (Err(Stop::Finding(seen)), Some(limit)) => out_of_memory(&self.stage.names(), limit, &seen).stop(),
            (Err(Stop::Finding(mut seen)), None) => {
                let story = self.stage.story();
                seen.wire = story.and_then(|(story, names)| story.explains(seen.kind, &names));
                seen.waits = self.stage.vain();
                // What a step hints at is what it may have found otherwise, and no lock that is taken twice.
                if seen
                    .waits
                    .as_ref()
                    .is_some_and(|waits| waits.kind == Waiting::ForItself)
                {
                    seen.hint = None;
                }
                Err(Stop::Finding(seen))
            }
            (step, _) => step,
        }
    }
}

fn out_of_memory(programs: &[String], limit: u64, seen: &Finding) -> Finding {
    let what = match programs {
        [who] => format!("the {who} took too much memory, and the kernel killed it"),
        _ => format!(
            "the {} took too much memory, and the kernel killed one of them",
            programs.join(" and the ")
        ),
    };
    Finding::new(Kind::TooMuchMemory, what)
        .expected(format!(
            "at most {} MiB, all processes of the check together",
            limit >> 20
        ))
        .actual(seen.summary.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_who_may_have_taken_it_and_what_came_of_it() {
        let seen = Finding::new(Kind::WasReset, "the program reset the connection");
        let one = out_of_memory(&["server".to_owned()], 64 << 20, &seen);
        assert_eq!(one.kind, Kind::TooMuchMemory);
        assert_eq!(one.summary, "the server took too much memory, and the kernel killed it");
        assert_eq!(
            one.expected.as_deref(),
            Some("at most 64 MiB, all processes of the check together")
        );
        assert_eq!(one.actual.as_deref(), Some("the program reset the connection"));
        let both = out_of_memory(&["server".to_owned(), "client".to_owned()], 64 << 20, &seen);
        assert_eq!(
            both.summary,
            "the server and the client took too much memory, and the kernel killed one of them"
        );
    }
}
