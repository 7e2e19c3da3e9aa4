//! Is this text `HOST:PORT`? Whether the host exists is for the system to say, when it is used.

use std::net::{Ipv4Addr, SocketAddrV6};

pub(crate) fn check(addr: &str) -> Result<(), String> {
    let Some((host, port)) = addr.rsplit_once(':') else {
        return Err("it has no port".to_owned());
    };
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || port.parse::<u16>().is_err() {
        return Err(format!("`{port}` is not a port, a number from 0 to 65535"));
    }
    check_host(host, addr)
}

fn check_host(host: &str, addr: &str) -> Result<(), String> {
    if host.is_empty() {
        return Err("it has no host".to_owned());
    }
    if host.starts_with('[') {
        return match addr.parse::<SocketAddrV6>() {
            Ok(_) => Ok(()),
            Err(_) => Err(format!("`{host}` is not an IPv6 address in brackets")),
        };
    }
    // Numbers and dots that are no IPv4 address are no name either; asking the name servers
    // would only take its time.
    let numeric = host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if numeric && host.parse::<Ipv4Addr>().is_err() {
        return Err(format!("`{host}` is not an IPv4 address"));
    }
    if host.contains(|c: char| c.is_whitespace() || c.is_control() || "/@[]".contains(c)) {
        return Err(format!("`{host}` is neither a name nor an address"));
    }
    if host.contains(':') {
        return Err("an IPv6 address stands in brackets, as in `[::1]:9000`".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_and_addresses_are_taken() {
        for addr in [
            "127.0.0.1:9000",
            "localhost:0",
            "my-host.example.org:65535",
            "0.0.0.0:1",
            "[::1]:0",
            "[::]:9000",
            "[fe80::1%2]:80",
        ] {
            assert_eq!(check(addr), Ok(()), "{addr}");
        }
    }

    #[test]
    fn malformed_ones_are_not() {
        for addr in [
            "",
            "localhost",
            "127.0.0.1",
            "127.0.0.1:",
            "127.0.0.1:http",
            "127.0.0.1:+80",
            "127.0.0.1:-1",
            "127.0.0.1: 80",
            "127.0.0.1:65536",
            "127.0.0.1:99999999999999999999",
            ":9000",
            "::1:9000",
            "::1",
            "[::1]",
            "[::1]9000",
            "[::1:9000",
            "[localhost]:9000",
            "[]:9000",
            "[127.0.0.1]:9000",
            "256.0.0.1:9000",
            "1.2.3:9000",
            "9000:9000",
            "my host:9000",
            "http://localhost:9000",
            "localhost:80:80",
        ] {
            assert!(check(addr).is_err(), "{addr}");
        }
    }
}
