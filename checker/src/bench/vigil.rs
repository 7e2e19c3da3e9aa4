//! A wait for an act of a program is kept with an eye on the programs: where none of them can go on any more, nobody waits for the deadline.

#[cfg(target_os = "linux")]
pub(super) use linux::Vigil;
#[cfg(not(target_os = "linux"))]
pub(super) use nobody::Vigil;

#[cfg(target_os = "linux")]
mod linux {
    use std::os::fd::AsFd;
    use std::time::Duration;

    use super::super::{CLIENT_PROCESS, closing, stage::Stage, tree};
    use crate::jail::Level;
    use crate::verdict::Step;
    use crate::why::{self, Network, Scene, Subject};

    /// What a wait looks at beside what it waits for.
    pub(in crate::bench) struct Vigil<'a>(Option<(&'a Stage, why::Vigil)>);

    impl<'a> Vigil<'a> {
        pub(in crate::bench) fn for_acts(stage: &'a Stage) -> Self {
            Vigil(Some((stage, why::Vigil::begin())))
        }

        /// Nobody is looked at: it is the time that matters.
        pub(in crate::bench) fn none() -> Self {
            Vigil(None)
        }

        /// How long it may be slept.
        pub(in crate::bench) fn next_look(&self) -> Option<Duration> {
            self.0.as_ref().map(|(_, looks)| looks.next())
        }

        /// Whether no program can go on unless the checker does something; looked at now and then.
        pub(in crate::bench) fn finds_them_stuck(&mut self) -> Step<bool> {
            let Some((stage, looks)) = &mut self.0 else {
                return Ok(false);
            };
            if !looks.next().is_zero() {
                return Ok(false);
            }
            let waits = with_a_scene(stage, |scene| match looks.sees_nobody_move(scene) {
                // Where programs are being started right now there will be another look.
                true => closing::if_nobody_starts(|| looks.finds_them_stuck(scene)).flatten(),
                false => None,
            })?;
            let stuck = waits.is_some();
            stage.remember_vain(waits);
            Ok(stuck)
        }

        /// Whether a program has run all the time for nothing, so that there is no use in giving it more.
        pub(in crate::bench) fn sees_one_spin(&self) -> Step<bool> {
            let Some((stage, looks)) = &self.0 else {
                return Ok(false);
            };
            Ok(with_a_scene(stage, |scene| Some(looks.sees_one_spin(scene)))?.unwrap_or(false))
        }

        /// The wait is over; `came` is whether with what was waited for.
        pub(in crate::bench) fn ends(&self, came: bool) -> Step {
            let Some((stage, looks)) = &self.0 else { return Ok(()) };
            let waits = match came {
                true => None,
                false => with_a_scene(stage, |scene| {
                    // A copy of a descriptor must not be inherited by a program that is being started.
                    closing::while_nobody_starts(|| looks.at_the_deadline(scene))
                })?,
            };
            stage.remember_vain(waits);
            Ok(())
        }
    }

    /// `None` also while nobody runs, or somebody is about to end.
    fn with_a_scene<T>(stage: &Stage, look: impl FnOnce(&Scene<'_>) -> Option<T>) -> Step<Option<T>> {
        let Some(living) = stage.living().filter(|living| !living.is_empty()) else {
            return Ok(None);
        };
        let jail = stage.jail()?;
        let warden = jail.warden_number();
        let subjects = living.into_iter().map(|living| Subject {
            pids: tree::processes(living.leader),
            who: living.who,
            is_silent: living.is_silent,
        });
        let (players, programs): (Vec<Subject>, Vec<Subject>) =
            subjects.partition(|subject| subject.who == CLIENT_PROCESS);
        let subjects = || programs.iter().chain(&players);
        let is_known = |pid: &i32| Some(*pid) == warden || subjects().any(|subject| subject.pids.contains(pid));
        let of_the_jail = warden.map(tree::processes).unwrap_or_default();
        let scene = Scene {
            strays: of_the_jail.into_iter().filter(|pid| !is_known(pid)).collect(),
            players: players.into_iter().flat_map(|player| player.pids).collect(),
            names: stage.introduced(),
            ours: warden.into_iter().chain([std::process::id().cast_signed()]).collect(),
            netlink: stage.netlink().map(AsFd::as_fd),
            network: match jail.level() {
                Level::Full => Network::OwnOfTheJail,
                Level::Reduced | Level::None => Network::OfTheHost,
            },
            proc_net: jail.proc_net(),
            programs,
        };
        Ok(look(&scene))
    }
}

#[cfg(not(target_os = "linux"))]
mod nobody {
    use std::marker::PhantomData;
    use std::time::Duration;

    use super::super::stage::Stage;
    use crate::verdict::Step;

    /// Nobody is looked at on this system: the deadline decides.
    pub(in crate::bench) struct Vigil<'a>(PhantomData<&'a Stage>);

    impl<'a> Vigil<'a> {
        pub(in crate::bench) fn for_acts(_: &'a Stage) -> Self {
            Vigil(PhantomData)
        }

        pub(in crate::bench) fn none() -> Self {
            Vigil(PhantomData)
        }

        pub(in crate::bench) fn next_look(&self) -> Option<Duration> {
            None
        }

        pub(in crate::bench) fn finds_them_stuck(&mut self) -> Step<bool> {
            Ok(false)
        }

        pub(in crate::bench) fn sees_one_spin(&self) -> Step<bool> {
            Ok(false)
        }

        pub(in crate::bench) fn ends(&self, _: bool) -> Step {
            Ok(())
        }
    }
}
