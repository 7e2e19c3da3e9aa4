//! Any program as a server: where it can be reached is seen from outside, whatever it prints.

use std::ffi::OsString;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::running::{Running, Server, seconds};
use super::{Bench, STARTUP};
use crate::quote::escaped;
use crate::transcript::Event;
use crate::verdict::{Finding, Kind, OrTrouble, Step};
use crate::wire::Part;

impl Bench {
    /// Starts this command line, and waits until it listens (TCP) or has a port (UDP).
    pub fn any_server(&mut self, command: &[OsString]) -> Step<Server> {
        let server = self.any_program("server", command)?;
        let net = self.stage.jail()?.proc_net();
        let limit = self.stage.timeout * STARTUP;
        let found = self.stage.watch(limit, || {
            let ended = server.exit().is_some();
            let addr = reachable(&net).or_trouble("looking for sockets that listen")?;
            Ok(match addr {
                Some(addr) => Some(Some(addr)),
                None => ended.then_some(None),
            })
        })?;
        match found {
            Some(Some(addr)) => {
                self.stage.record("server", format!("can be reached at {addr}"));
                self.stage.introduces(addr, "server", Part::Program);
                Ok(Server::new(server, addr))
            }
            Some(None) => server.ended_before("it could be reached"),
            None => Finding::new(
                Kind::NotReady,
                format!("the server neither listened nor had a port within {}", seconds(limit)),
            )
            .stop(),
        }
    }

    /// Starts this command line.
    pub fn any_program(&mut self, who: &str, command: &[OsString]) -> Step<Running> {
        let words: Vec<_> = command.iter().map(|word| escaped(word.as_bytes())).collect();
        let (program, arguments) = (who.to_owned(), words.join(" "));
        self.stage.record("checker", Event::Starts { program, arguments });
        let running = self.start(who, &crate::jail::Play::Command(command))?;
        running.attended.borrow_mut().stdout.owe_nothing();
        Ok(running)
    }
}

/// The first address of this network that somebody listens on, or has for datagrams. `net` is `/proc/PID/net` of a process in it.
fn reachable(net: &Path) -> io::Result<Option<SocketAddr>> {
    const LISTEN: &str = "0A";
    const UNCONNECTED: &str = "07";
    // A table of a protocol that the kernel was built without may be missing; not all of them.
    net.metadata()?;
    let tables = [
        ("tcp", LISTEN),
        ("tcp6", LISTEN),
        ("udp", UNCONNECTED),
        ("udp6", UNCONNECTED),
    ];
    Ok(tables.into_iter().find_map(|(table, state)| {
        let text = std::fs::read_to_string(net.join(table)).ok()?;
        text.lines().skip(1).find_map(|line| {
            let mut fields = line.split_ascii_whitespace().skip(1);
            let (local, _, is) = (fields.next()?, fields.next()?, fields.next()?);
            (is == state).then(|| address(local))?
        })
    }))
}

/// An address as `/proc/net/tcp` writes it: words of 32 bits in the machine's byte order. Whoever listens everywhere can be reached on loopback.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let words: Option<Vec<u32>> = (0..ip.len() / 8)
        .map(|at| u32::from_str_radix(ip.get(at * 8..at * 8 + 8)?, 16).ok())
        .collect();
    let octets: Vec<u8> = words?.into_iter().flat_map(u32::to_ne_bytes).collect();
    let ip = match (
        <[u8; 4]>::try_from(octets.as_slice()),
        <[u8; 16]>::try_from(octets.as_slice()),
    ) {
        (Ok(octets), _) => IpAddr::from(octets),
        (_, Ok(octets)) => IpAddr::from(octets),
        (Err(_), Err(_)) => return None,
    };
    let ip = match ip {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_kernel_are_read() {
        if cfg!(target_endian = "big") {
            return;
        }
        for (text, addr) in [
            ("0100007F:2328", "127.0.0.1:9000"),
            ("00000000:0050", "127.0.0.1:80"),
            ("00000000000000000000000001000000:2328", "[::1]:9000"),
        ] {
            assert_eq!(address(text), addr.parse().ok(), "{text}");
        }
        assert_eq!(address("0100007F"), None);
    }
}
