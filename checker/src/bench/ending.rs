//! How a program ends: with which code, with which words, and whether that is a crash.

use std::time::Duration;

use nix::sys::signal::Signal;

use super::attended::processes;
use super::crash::telling;
use super::running::Running;
use super::tree;
use crate::jail::Exit;
use crate::quote::quoted;
use crate::transcript::Event;
use crate::verdict::{Finding, Kind, Step, Trouble};

impl Running {
    /// It ends with `code`, having printed nothing more.
    pub fn exits(&self, code: i32) -> Step {
        let exit = self.ends(&format!("exit with code {code}"))?;
        if exit != Exit::Code(code) {
            return self.wrong_exit(exit, &format!("exit code {code}"));
        }
        self.has_left_nothing_behind()?;
        self.has_printed_no_more()
    }

    /// No process that it started has outlived it, but for a moment.
    fn has_left_nothing_behind(&self) -> Step {
        self.stage.watch_it_out(self.stage.timeout, || {
            let cleared_away = !self.attended.borrow().lingers();
            Ok(cleared_away.then_some(()))
        })?;
        match self.attended.borrow().left_behind {
            0 => Ok(()),
            left => Finding::new(
                Kind::LeftBehind,
                format!("the {} ended and left {} behind", self.who, processes(left)),
            )
            .expected("an end of all that it started: wait for each child before you end")
            .stop(),
        }
    }

    /// It ends with `code` at a signal, whatever it may have printed meanwhile.
    pub fn exits_whatever_it_printed(&self, code: i32) -> Step {
        let exit = self.ends(&format!("exit with code {code}"))?;
        match exit {
            Exit::Code(is) if is == code => Ok(()),
            // 128 and the number of a signal is a way to end, not a shell's word for a crash.
            Exit::Code(is) if (129..=159).contains(&is) => Finding::new(
                Kind::WrongExit,
                format!("the {} ended with {exit}, where {code} is asked for", self.who),
            )
            .expected(format!("exit code {code}"))
            .actual(exit.to_string())
            .stop(),
            Exit::Signal(number) if [Signal::SIGTERM as i32, Signal::SIGINT as i32].contains(&number) => {
                let killed = format!("the signal killed the {}: nothing in it handles the signal", self.who);
                Finding::new(Kind::WrongExit, killed)
                    .expected(format!("exit code {code}"))
                    .actual(exit.to_string())
                    .stop()
            }
            Exit::Signal(_) | Exit::Code(_) => self.wrong_exit(exit, &format!("exit code {code}")),
        }
    }

    /// It ends by itself, with any code, but by no crash.
    pub fn ends_without_a_crash(&self) -> Step {
        let exit = self.ends("end")?;
        match self.crash(exit) {
            Some(_) => self.wrong_exit(exit, "an end without a crash"),
            None => Ok(()),
        }
    }

    /// It fails properly: a non-zero exit code, no crash, and a message on stderr.
    pub fn fails(&self) -> Step {
        self.fails_within(self.stage.timeout)
    }

    /// Like [`Running::fails`], as the first act of a program that may still be starting up.
    pub fn fails_first(&self) -> Step {
        self.fails_within(self.stage.timeout * super::STARTUP)
    }

    fn fails_within(&self, limit: Duration) -> Step {
        let exit = self.ends_within("fail", limit)?;
        self.failed_properly(exit)?;
        if self.attended.borrow().stderr.text().trim().is_empty() {
            return Finding::new(
                Kind::UnnamedFailure,
                format!("the {} failed ({exit}) and says nothing on stderr", self.who),
            )
            .expected("a message on stderr that names what failed")
            .stop();
        }
        Ok(())
    }

    /// It fails properly, as its first act, with `name` (the address, the path, the variable) on stderr.
    pub fn fails_naming(&self, name: &str) -> Step {
        let exit = self.ends_first("fail")?;
        self.failed_properly(exit)?;
        self.has_named(name)
    }

    /// It fails properly, and does not get as far as its ready line.
    pub fn fails_to_start(&self) -> Step {
        let limit = self.stage.timeout * super::STARTUP;
        // Once it says that it listens there is no use in waiting for its end.
        let outcome = self.stage.wait(&[], limit, || {
            let mut program = self.attended.borrow_mut();
            Ok(match program.stdout.next() {
                Some(line) => Some(Err(line)),
                None => program.exit().map(Ok),
            })
        })?;
        match outcome {
            Some(Ok(exit)) => self.failed_properly(exit),
            Some(Err(line)) => Finding::new(Kind::ExtraOutput, format!("the {} does not fail: it starts", self.who))
                .expected("a non-zero exit code, and nothing on stdout")
                .actual(quoted(&line))
                .stop(),
            None => self.runs_on("fail", limit),
        }
    }

    /// What it said on stderr before it ended holds `name`.
    pub fn has_named(&self, name: &str) -> Step {
        let stderr = self.attended.borrow().stderr.text();
        if stderr.contains(name) {
            return Ok(());
        }
        Finding::new(
            Kind::UnnamedFailure,
            format!("the {} failed, but its stderr does not name `{name}`", self.who),
        )
        .expected(format!("a message on stderr that holds `{name}`"))
        .actual(telling(stderr.trim()))
        .stop()
    }

    fn failed_properly(&self, exit: Exit) -> Step {
        match exit == Exit::Code(0) || self.crash(exit).is_some() {
            true => self.wrong_exit(exit, "a non-zero exit code, without a crash"),
            false => Ok(()),
        }
    }

    /// Started with these arguments, it fails with exit code 2 and says how it is used.
    pub fn refuses(&self, arguments: &[&str]) -> Step {
        let exit = self.ends_first("exit with code 2")?;
        if exit != Exit::Code(2) || self.crash(exit).is_some() {
            return self.wrong_exit(
                exit,
                &format!("exit code 2, the usage of `{}` being wrong", arguments.join(" ")),
            );
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
            None => self.runs_on(wanted, limit),
        }
    }

    fn runs_on<T>(&self, wanted: &str, limit: Duration) -> Step<T> {
        Finding::new(
            Kind::StillRunning,
            format!(
                "the {} did not {wanted} {}: it still runs",
                self.who,
                self.stage.how_long("it", limit)
            ),
        )
        .stop()
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
        self.stage.record("checker", Event::LetsPass(span));
        match self.stage.wait_it_out(&[], span, || Ok(self.exit()))? {
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

    /// Ends it as an operating system does, and waits until it is gone, with all that it started: whoever still dies may hold its address.
    pub fn kill(&self) -> Step {
        self.stage.record("checker", format!("kills the {}", self.who));
        let processes = tree::processes(self.pid());
        self.attended.borrow().child.signal(Signal::SIGKILL);
        if self.within(|program| Ok(program.exit()))?.is_none() {
            return Err(Trouble::while_doing("killing a program", "it does not end").into());
        }
        self.stage
            .watch_it_out(self.stage.timeout, || {
                Ok(processes.iter().all(|&pid| tree::is_dead(pid)).then_some(()))
            })
            .map(drop)
    }

    pub fn signal(&self, signal: Signal) {
        self.stage
            .record("checker", format!("sends {signal} to the {}", self.who));
        self.attended.borrow().child.signal(signal);
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
            said => finding.actual(format!("on stderr {}", telling(said))).stop(),
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
            said => format!("on stderr {}", telling(said)),
        };
        finding.expected(expected).actual(format!("{exit}, {said}")).stop()
    }

    fn crash(&self, exit: Exit) -> Option<String> {
        self.attended.borrow().crash(exit)
    }
}
