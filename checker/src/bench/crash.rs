//! Crashes: what makes an end one, and whether one is behind a connection that broke off.

use nix::sys::signal::Signal;

use super::attended::Attended;
use super::stage::Stage;
use crate::jail::Exit;
use crate::quote::quoted;
use crate::verdict::{Finding, Step};

impl Attended {
    /// What makes this end a crash: a signal, a panic, or the trace of an exception that nobody caught.
    pub(super) fn crash(&self, exit: Exit) -> Option<String> {
        let code = match exit {
            Exit::Signal(number) => return Some(killed_by(number, exit)),
            Exit::Code(0) => return None,
            Exit::Code(code) => code,
        };
        let stderr = self.stderr.text();
        // A shell in between reports the death of its child by a signal as 128 and the number.
        if (129..=159).contains(&code) && !stderr.contains("panicked at") {
            return Some(format!("exit code {code}, which is signal {}", code - 128));
        }
        trace_in(&stderr).map(|what| format!("{what}, exit code {code}"))
    }
}

impl Stage {
    /// A connection broke off: where a program has told of a crash by now, that is why.
    pub(super) fn broke_off<T>(&self, mut finding: Finding) -> Step<T> {
        self.attend_to_all()?;
        for program in self.programs() {
            let (who, stderr) = (program.borrow().who.clone(), program.borrow().stderr.text());
            if let Some(what) = trace_in(&stderr) {
                finding.summary.push_str(&format!(": the {who} crashed ({what})"));
                let said = format!("on stderr {}", telling(stderr.trim()));
                finding.actual = Some(match finding.actual {
                    Some(actual) => format!("{actual}, and {said}"),
                    None => said,
                });
                break;
            }
        }
        finding.stop()
    }
}

/// What a program's stderr tells of its crash.
fn trace_in(stderr: &str) -> Option<&'static str> {
    const TRACES: &[(&str, &str)] = &[
        ("panicked at", "a panic"),
        ("Traceback (most recent call last)", "an exception that nobody caught"),
        ("Exception in thread \"", "an exception that nobody caught"),
        ("Unhandled exception", "an exception that nobody caught"),
        ("terminate called", "an exception that nobody caught"),
        ("Uncaught ", "an exception that nobody caught"),
        ("    at node:", "an exception that nobody caught"),
        ("\ngoroutine ", "a panic"),
    ];
    let trace = TRACES.iter().find(|(trace, _)| stderr.contains(trace));
    trace.map(|(_, what)| *what)
}

/// The lines that say what went wrong: of a panic the first, of anything else the last.
pub(super) fn telling(stderr: &str) -> String {
    /// So many bytes at most, where the line itself is not longer.
    const MOST: usize = 160;
    if let Some(at) = stderr.find("panicked at") {
        let begin = stderr[..at].rfind('\n').map_or(0, |newline| newline + 1);
        return quoted(&stderr.as_bytes()[begin..]);
    }
    let mut begins = stderr.match_indices('\n').map(|(newline, _)| newline + 1);
    let begin = std::iter::once(0)
        .chain(begins.clone())
        .find(|begin| stderr.len() - begin <= MOST)
        .or(begins.next_back())
        .unwrap_or(0);
    match begin {
        0 => quoted(stderr.as_bytes()),
        _ => format!("… {}", quoted(&stderr.as_bytes()[begin..])),
    }
}

/// The kernel's verdicts have words of their own.
fn killed_by(number: i32, exit: Exit) -> String {
    let because = match Signal::try_from(number) {
        Ok(Signal::SIGXCPU) => ": it used up the processor time that it may have",
        Ok(Signal::SIGXFSZ) => ": it wrote more to a file than it may",
        Ok(Signal::SIGSYS) => ": it asked the system for something that no exercise needs",
        Ok(_) | Err(_) => "",
    };
    format!("{exit}{because}")
}
