//! A greeting, and then the chat of lesson 3.

use anyhow::{Result, bail};

use super::path;
use crate::args::{Addr, Role};
use crate::chat::{converse, gone};
use crate::lines::Lines;
use crate::screen::Screen;
use specimens::Flaw;

pub(crate) fn client(path: &Addr, flaw: Flaw) -> Result<()> {
    let mut screen = Screen::new(Role::Client, flaw);
    let stream = path::connect(path, flaw)?;
    let mut replies = Lines::new(&stream, flaw);
    if flaw != Flaw::TakesTheGreetingForAReply {
        match replies.next() {
            Ok(Some(_)) if flaw == Flaw::GreetingIsNotPrinted => {}
            Ok(Some(greeting)) => screen.line(&greeting)?,
            Ok(None) if flaw == Flaw::NoGreetingExits1 => bail!("no greeting from {path}"),
            Ok(None) if flaw == Flaw::NoGreetingPanics => panic!("called `Option::unwrap()` on a `None` value"),
            Ok(None) if flaw == Flaw::Exits1OnEndOfFile => bail!("the other side closed the connection"),
            Ok(None) => return Ok(()),
            Err(error) => return gone(error, flaw),
        }
    }
    if flaw == Flaw::NewBufreaderAfterTheGreeting {
        replies = Lines::new(&stream, flaw);
    }
    converse(&stream, &mut replies, &mut screen, flaw)
}
