//! A started program, and what a check can demand of it: what it prints, how it ends, what it holds.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::ops::Deref;
use std::rc::Rc;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::attended::Attended;
use super::stage::Stage;
use super::tree;
use crate::jail::Exit;
use crate::quote::{count, difference, quoted};
use crate::verdict::{Finding, Kind, Step, Trouble};

/// A program that runs, or has run to its end.
#[derive(Debug)]
pub struct Running {
    stage: Rc<Stage>,
    attended: Rc<RefCell<Attended>>,
    who: String,
}

/// A server that has said where it can be reached.
#[derive(Debug)]
pub struct Server {
    running: Running,
    pub addr: SocketAddr,
}

impl Deref for Server {
    type Target = Running;
    fn deref(&self) -> &Running {
        &self.running
    }
}

impl Running {
    pub(super) fn new(stage: Rc<Stage>, attended: Attended) -> Self {
        let who = attended.who.clone();
        let attended = Rc::new(RefCell::new(attended));
        stage.attend(&attended);
        Running { stage, attended, who }
    }

    // --- what is typed ---

    /// Types `line` and a newline.
    pub fn types(&self, line: &str) -> Step {
        self.types_raw(format!("{line}\n").as_bytes())
    }

    /// Types bytes as they are.
    pub fn types_raw(&self, bytes: &[u8]) -> Step {
        self.stage
            .record("checker", format!("types {} for the {}", quoted(bytes), self.who));
        self.attended.borrow_mut().types(bytes);
        self.stage.attend_to_all()
    }

    /// Closes its stdin behind all that was typed.
    pub fn ends_input(&self) -> Step {
        self.attended.borrow_mut().ends_input();
        self.stage.attend_to_all()
    }

    /// Waits until it has read all that was typed.
    pub fn has_read_its_input(&self) -> Step {
        // No descriptor announces it: look again and again.
        let read = self.stage.watch(self.stage.timeout, || {
            Ok(self.attended.borrow().has_read_its_input().then_some(()))
        })?;
        match read {
            Some(()) => Ok(()),
            None => Finding::new(
                Kind::Unread,
                format!("the {} does not read what is typed on its stdin", self.who),
            )
            .stop(),
        }
    }

    /// Waits until it has read all that was typed, as the first act of a program that may still be starting up.
    pub fn reads_its_first_input(&self) -> Step {
        let outcome = self.stage.watch(self.stage.timeout * super::STARTUP, || {
            let program = self.attended.borrow();
            let ended = program.exit().is_some();
            Ok((program.has_read_its_input() || ended).then_some(ended))
        })?;
        match outcome {
            Some(true) if !self.attended.borrow().has_read_its_input() => {
                self.ended_before("it had read what was typed on its stdin")
            }
            Some(_) => Ok(()),
            None => Finding::new(
                Kind::Unread,
                format!("the {} does not read what is typed on its stdin", self.who),
            )
            .stop(),
        }
    }

    // --- what it prints ---

    /// Its next line on stdout is `line`.
    pub fn prints(&self, line: &str) -> Step {
        self.prints_bytes(line.as_bytes())
    }

    /// Like [`Running::prints`], where another program, which may still be starting up, must have sent the line.
    pub fn prints_first(&self, line: &str) -> Step {
        let printed = self.first_line(&format!("the line {}", quoted(line.as_bytes())))?;
        match shows(line.as_bytes(), &printed) {
            true => Ok(()),
            false => self.wrong_line(line.as_bytes(), &printed),
        }
    }

    /// Its first line on stdout, whatever it is, of a program that may still be starting up.
    pub fn first_line(&self, wanted: &str) -> Step<Vec<u8>> {
        self.next_line_within(wanted, self.stage.timeout * super::STARTUP)
    }

    /// Its next line on stdout is `line`; each ill-formed stretch of UTF-8 may show as one or more U+FFFD.
    pub fn prints_bytes(&self, line: &[u8]) -> Step {
        let printed = self.next_line(&format!("the line {}", quoted(line)))?;
        match shows(line, &printed) {
            true => Ok(()),
            false => self.wrong_line(line, &printed),
        }
    }

    /// Its next lines on stdout are these, in any order.
    pub fn prints_in_any_order(&self, lines: &[Vec<u8>]) -> Step {
        let mut missing = lines.to_vec();
        while !missing.is_empty() {
            let wanted = missing.iter().map(|line| quoted(line)).collect::<Vec<_>>().join(" or ");
            let printed = self.next_line(&format!("the line {wanted}"))?;
            match missing.iter().position(|line| shows(line, &printed)) {
                Some(found) => drop(missing.swap_remove(found)),
                None => {
                    return Finding::new(Kind::WrongOutput, format!("the {} printed another line", self.who))
                        .expected(wanted)
                        .actual(quoted(&printed))
                        .stop();
                }
            }
        }
        Ok(())
    }

    /// Its next line on stdout, whatever it is; `wanted` is what the message says is missing.
    pub fn next_line(&self, wanted: &str) -> Step<Vec<u8>> {
        self.next_line_within(wanted, self.stage.timeout)
    }

    fn next_line_within(&self, wanted: &str, limit: Duration) -> Step<Vec<u8>> {
        let outcome = self.stage.wait(&[], limit, || {
            let mut program = self.attended.borrow_mut();
            let line = program.stdout.next();
            let ended = line.is_none() && (program.exit().is_some() || program.child.stdout.is_none());
            Ok(if ended { Some(None) } else { line.map(Some) })
        })?;
        match outcome {
            Some(Some(line)) => Ok(line),
            Some(None) => self.ended_before(&format!("it printed {wanted}")),
            None => {
                let rest = self.attended.borrow().stdout.rest.clone();
                let finding = Finding::new(
                    Kind::MissingOutput,
                    format!("the {} did not print {wanted} within {}", self.who, seconds(limit)),
                );
                match rest.is_empty() {
                    true => finding.actual("nothing more on its stdout").stop(),
                    false => finding
                        .actual(format!("{}, and no newline behind it", quoted(&rest)))
                        .stop(),
                }
            }
        }
    }

    fn wrong_line<T>(&self, expected: &[u8], printed: &[u8]) -> Step<T> {
        let (expected, actual, at) = difference(expected, printed);
        let place = at
            .map(|at| format!(", different from byte {at} on"))
            .unwrap_or_default();
        Finding::new(
            Kind::WrongOutput,
            format!("the {} printed another line{place}", self.who),
        )
        .expected(expected)
        .actual(actual)
        .stop()
    }

    /// It has printed nothing so far that no step asked for.
    pub fn has_printed_no_more(&self) -> Step {
        self.stage.attend_to_all()?;
        let mut program = self.attended.borrow_mut();
        if program.stdout.is_empty() {
            return Ok(());
        }
        let extra = program.stdout.next().unwrap_or_else(|| program.stdout.rest.clone());
        Finding::new(
            Kind::ExtraOutput,
            format!("the {} printed something that the contract does not name", self.who),
        )
        .expected("nothing more on stdout (prompts and logs go to stderr)")
        .actual(quoted(&extra))
        .stop()
    }

    // --- how it ends ---

    /// It ends with `code`, having printed nothing more.
    pub fn exits(&self, code: i32) -> Step {
        let exit = self.ends(&format!("exit with code {code}"))?;
        if exit != Exit::Code(code) {
            return self.wrong_exit(exit, &format!("exit code {code}"));
        }
        self.has_printed_no_more()
    }

    /// It ends by itself, with any code, but by no crash.
    pub fn ends_without_a_crash(&self) -> Step {
        let exit = self.ends("end")?;
        match self.crash(exit) {
            Some(_) => self.wrong_exit(exit, "an end without a crash"),
            None => Ok(()),
        }
    }

    /// It fails properly: a non-zero exit code, no crash, and `name` (the address, the path, the variable) on stderr.
    pub fn fails_naming(&self, name: &str) -> Step {
        let exit = self.ends_first("fail")?;
        if exit == Exit::Code(0) || self.crash(exit).is_some() {
            return self.wrong_exit(exit, "a non-zero exit code, without a crash");
        }
        let stderr = self.attended.borrow().stderr.text();
        if stderr.contains(name) {
            return Ok(());
        }
        Finding::new(
            Kind::UnnamedFailure,
            format!("the {} failed, but its stderr does not name `{name}`", self.who),
        )
        .expected(format!("a message on stderr that holds `{name}`"))
        .actual(quoted(stderr.as_bytes()))
        .stop()
    }

    /// It fails with exit code 2 and says how it is used.
    pub fn refuses_its_arguments(&self) -> Step {
        let exit = self.ends_first("exit with code 2")?;
        if exit != Exit::Code(2) || self.crash(exit).is_some() {
            return self.wrong_exit(exit, "exit code 2 (wrong usage)");
        }
        if self.attended.borrow().stderr.text().trim().is_empty() {
            return Finding::new(Kind::UnnamedFailure, "it exits with code 2 and says nothing on stderr")
                .expected("its usage on stderr")
                .stop();
        }
        self.has_printed_no_more()
    }

    /// Waits for its end; `wanted` is what the message says that it did not do.
    pub fn ends(&self, wanted: &str) -> Step<Exit> {
        self.ends_within(wanted, self.stage.timeout)
    }

    /// Like [`Running::ends`], as the first act of a program that may still be starting up.
    fn ends_first(&self, wanted: &str) -> Step<Exit> {
        self.ends_within(wanted, self.stage.timeout * super::STARTUP)
    }

    fn ends_within(&self, wanted: &str, limit: Duration) -> Step<Exit> {
        match self.stage.wait(&[], limit, || Ok(self.exit()))? {
            Some(exit) => Ok(exit),
            None => Finding::new(
                Kind::StillRunning,
                format!(
                    "the {} did not {wanted} within {}: it still runs",
                    self.who,
                    seconds(limit)
                ),
            )
            .stop(),
        }
    }

    /// It has not ended.
    pub fn still_runs(&self) -> Step {
        self.stage.attend_to_all()?;
        match self.exit() {
            None => Ok(()),
            Some(_) => self.ended_before("its work was done"),
        }
    }

    /// It does not end before `span` has passed, where the contract itself speaks of time; `doing` is what it is to do in it.
    pub fn goes_on_for(&self, span: Duration, doing: &str) -> Step {
        self.stage
            .record("checker", format!("lets {} ms pass", span.as_millis()));
        match self.stage.wait(&[], span, || Ok(self.exit()))? {
            None => Ok(()),
            Some(_) => self.ended_before(doing),
        }
    }

    /// Everything it has said on stdout that no step asked for, once it has ended.
    pub fn remaining_output(&self) -> Step<Vec<u8>> {
        self.ends("end")?;
        let mut program = self.attended.borrow_mut();
        let mut output = Vec::new();
        while let Some(line) = program.stdout.next() {
            output.extend(line);
            output.push(b'\n');
        }
        output.append(&mut program.stdout.rest);
        Ok(output)
    }

    /// Ends it as an operating system does, and waits until it is gone.
    pub fn kill(&self) -> Step {
        self.stage.record("checker", format!("kills the {}", self.who));
        self.attended.borrow().child.signal(Signal::SIGKILL);
        match self.within(|program| Ok(program.exit()))? {
            Some(_) => Ok(()),
            None => Err(Trouble::while_doing("killing a program", "it does not end").into()),
        }
    }

    pub fn signal(&self, signal: Signal) {
        self.stage
            .record("checker", format!("sends {signal} to the {}", self.who));
        self.attended.borrow().child.signal(signal);
    }

    // --- what it holds and does ---

    /// Stops it where it stands (SIGSTOP), and waits until it does; `thaws` lets it go on.
    pub fn freezes(&self) -> Step {
        self.signal(Signal::SIGSTOP);
        let pid = self.pid();
        let stopped = self.stage.watch(self.stage.timeout, || {
            Ok(tree::activity(pid)
                .iter()
                .all(|(state, _)| "TtZX".contains(*state))
                .then_some(()))
        })?;
        stopped.ok_or_else(|| Trouble::while_doing("stopping a program", "it did not stop").into())
    }

    pub fn thaws(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// Waits until all its threads sleep and none has run between two looks, at most a fifth of a second: a right program is never
    /// failed by this, a hasty one gets the time to show itself.
    pub fn comes_to_rest(&self) -> Step {
        let pid = self.pid();
        let mut before = Vec::new();
        self.stage
            .watch(Duration::from_millis(200), || {
                let now = tree::activity(pid);
                let rests = now == before && now.iter().all(|(state, _)| *state == 'S');
                before = now;
                Ok(rests.then_some(()))
            })
            .map(drop)
    }

    /// Descriptors open in all its processes.
    pub fn open_descriptors(&self) -> Step<usize> {
        self.still_runs()?;
        tree::open_descriptors(self.pid())
            .ok_or_else(|| Trouble::while_doing("counting open descriptors", "this system does not tell").into())
    }

    /// It has no more descriptors open than it had, but for one that a runtime may close late; looked at again up to the deadline.
    pub fn holds_no_more_descriptors_than(&self, before: usize) -> Step {
        let settled = self.stage.watch(self.stage.timeout, || {
            Ok((self.open_descriptors()? <= before + 1).then_some(()))
        })?;
        match settled {
            Some(()) => Ok(()),
            None => {
                let now = self.open_descriptors()?;
                Finding::new(Kind::Leak, format!("the {} leaves descriptors open", self.who))
                    .expected(format!("{before} open, as before"))
                    .actual(format!("{now} open, of which {} are new", now - before))
                    .stop()
            }
        }
    }

    pub fn pid(&self) -> i32 {
        self.attended.borrow().child.pid()
    }

    /// `the server ended (exit code 3) before …`, as a finding.
    pub fn ended_before<T>(&self, what: &str) -> Step<T> {
        let exit = self.within(|program| Ok(program.exit()))?;
        let Some(exit) = exit else {
            return Finding::new(
                Kind::MissingOutput,
                format!("the {} closed its stdout before {what}", self.who),
            )
            .stop();
        };
        let stderr = self.attended.borrow().stderr.text();
        let finding = match self.crash(exit) {
            Some(crash) => Finding::new(Kind::Crash, format!("the {} crashed ({crash}) before {what}", self.who)),
            None => Finding::new(
                Kind::EndedEarly,
                format!("the {} ended ({exit}) before {what}", self.who),
            ),
        };
        match stderr.trim() {
            "" => finding.stop(),
            said => finding.actual(format!("on stderr {}", quoted(said.as_bytes()))).stop(),
        }
    }

    /// How it ended, if it has.
    pub(super) fn exit(&self) -> Option<Exit> {
        self.attended.borrow().exit()
    }

    /// Waits for its ready line, `prefix` and what follows.
    pub(super) fn ready(&self, prefix: &str, limit: Duration) -> Step<String> {
        let line = match self.next_line_within(&format!("its ready line `{prefix}…`"), limit) {
            Err(crate::verdict::Stop::Finding(mut finding)) if finding.kind == Kind::MissingOutput => {
                finding.kind = Kind::NotReady;
                finding.hint =
                    Some("print the line after `bind`, and flush stdout: in a pipe nothing leaves before".to_owned());
                return Err(crate::verdict::Stop::Finding(finding));
            }
            other => other?,
        };
        let text = String::from_utf8_lossy(&line).into_owned();
        match text.strip_prefix(prefix) {
            Some(rest) => Ok(rest.to_owned()),
            None => Finding::new(Kind::NotReady, "the first line on stdout is not the ready line")
                .expected(format!("`{prefix}…`"))
                .actual(quoted(&line))
                .stop(),
        }
    }

    fn wrong_exit<T>(&self, exit: Exit, expected: &str) -> Step<T> {
        let stderr = self.attended.borrow().stderr.text();
        let finding = match self.crash(exit) {
            Some(crash) => Finding::new(Kind::Crash, format!("the {} crashed: {crash}", self.who)),
            None => Finding::new(Kind::WrongExit, format!("the {} ended with {exit}", self.who)),
        };
        let said = match stderr.trim() {
            "" => "nothing on stderr".to_owned(),
            said => format!("on stderr {}", quoted(said.as_bytes())),
        };
        finding.expected(expected).actual(format!("{exit}, {said}")).stop()
    }

    /// What makes this end a crash: a signal, a panic, or the trace of an exception that nobody caught.
    fn crash(&self, exit: Exit) -> Option<String> {
        let code = match exit {
            Exit::Signal(_) => return Some(exit.to_string()),
            Exit::Code(0) => return None,
            Exit::Code(code) => code,
        };
        let stderr = self.attended.borrow().stderr.text();
        // A shell in between reports the death of its child by a signal as 128 and the number.
        if (129..=159).contains(&code) && !stderr.contains("panicked at") {
            return Some(format!("exit code {code}, which is signal {}", code - 128));
        }
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
        TRACES
            .iter()
            .find(|(trace, _)| stderr.contains(trace))
            .map(|(_, what)| format!("{what}, exit code {code}"))
    }

    /// Waits for something of this program alone.
    fn within<T>(&self, mut look: impl FnMut(&Attended) -> Step<Option<T>>) -> Step<Option<T>> {
        self.stage
            .wait(&[], self.stage.timeout, || look(&self.attended.borrow()))
    }
}

impl Server {
    pub(super) fn new(running: Running, addr: SocketAddr) -> Self {
        Server { running, addr }
    }
}

/// Whether a printed line shows these bytes: equal where they are UTF-8, one or more U+FFFD for each stretch that is not.
pub(super) fn shows(bytes: &[u8], printed: &[u8]) -> bool {
    let once = |text: &str| {
        let mut text = text.to_owned();
        while text.contains("\u{FFFD}\u{FFFD}") {
            text = text.replace("\u{FFFD}\u{FFFD}", "\u{FFFD}");
        }
        text
    };
    match std::str::from_utf8(printed) {
        Ok(printed) => bytes == printed.as_bytes() || once(&String::from_utf8_lossy(bytes)) == once(printed),
        Err(_) => false,
    }
}

/// `1 second`, `5 seconds`, `0.2 seconds`.
pub(super) fn seconds(span: Duration) -> String {
    match span.subsec_millis() {
        0 => count(usize::try_from(span.as_secs()).unwrap_or(usize::MAX), "second"),
        _ => format!("{:.1} seconds", span.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::shows;

    #[test]
    fn an_ill_formed_stretch_shows_as_one_or_more_replacement_characters() {
        assert!(shows(b"a\xff\xfeb", "a\u{fffd}b".as_bytes()));
        assert!(shows(b"a\xff\xfeb", "a\u{fffd}\u{fffd}b".as_bytes()));
        assert!(!shows(b"a\xff\xfeb", b"ab"));
        assert!(!shows(b"a\xff\xfeb", b"a\xff\xfeb"));
        assert!(!shows(b" a ", b"a"));
    }
}
