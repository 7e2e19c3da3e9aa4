//! The subnet calculator's cases, reckoned with the standard library's addresses.

use std::net::Ipv4Addr;

use book_check::widgets::subnet::{Answer, Bad, Note, Subnet};

use crate::data;

fn reckon(input: &str) -> Answer {
    parsed(input.trim()).map_or_else(
        |error| Answer::Bad { error },
        |(own, prefix)| Answer::Subnet(subnet(own, prefix)),
    )
}

fn parsed(input: &str) -> Result<(Ipv4Addr, u32), Bad> {
    if input.is_empty() {
        return Err(Bad::NoAddress);
    }
    let (address, mask) = match input.find(|c: char| c == '/' || c.is_whitespace()) {
        Some(at) => (
            &input[..at],
            input[at..].trim_start_matches(|c: char| c == '/' || c.is_whitespace()),
        ),
        None => (input, ""),
    };
    let own: Ipv4Addr = address.parse().map_err(|_| Bad::BadAddress)?;
    if mask.is_empty() {
        return Err(Bad::NoMask);
    }
    if let Ok(mask) = mask.parse::<Ipv4Addr>() {
        let ones = mask.to_bits().leading_ones();
        return match mask.to_bits().count_ones() {
            count if count == ones => Ok((own, ones)),
            _ => Err(Bad::BadMask),
        };
    }
    match mask.parse() {
        Ok(prefix) if prefix <= 32 && mask == u32::to_string(&prefix) => Ok((own, prefix)),
        _ => Err(Bad::BadPrefix),
    }
}

fn subnet(own: Ipv4Addr, prefix: u32) -> Subnet {
    let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
    let network = own.to_bits() & mask;
    let end = network | !mask;
    let shown = |bits: u32| Some(Ipv4Addr::from_bits(bits).to_string());
    let addresses = u64::from(end - network) + 1;
    let kind = match own {
        _ if own.is_private() => Some(Note::Private),
        _ if own.is_loopback() => Some(Note::Loopback),
        _ if own.is_link_local() => Some(Note::LinkLocal),
        _ if own.is_documentation() => Some(Note::Documentation),
        _ if own.is_multicast() => Some(Note::Multicast),
        _ if own.to_bits() >> 22 == 0b01_1001_0001 => Some(Note::Shared),
        _ => None,
    };
    let hostless = prefix == 0 || own.is_multicast();
    let (broadcast, first, last, hosts) = match prefix {
        _ if hostless => (None, None, None, None),
        32 => (None, shown(network), shown(network), Some(1)),
        31 => (None, shown(network), shown(end), Some(2)),
        _ => (shown(end), shown(network + 1), shown(end - 1), Some(addresses - 2)),
    };
    let place = match prefix {
        _ if hostless => None,
        32 => Some(Note::Single),
        31 => Some(Note::PointToPoint),
        _ if own.to_bits() == network => Some(Note::IsNetwork),
        _ if own.to_bits() == end => Some(Note::IsBroadcast),
        _ => None,
    };
    Subnet {
        network: Ipv4Addr::from_bits(network).to_string(),
        mask: Ipv4Addr::from_bits(mask).to_string(),
        broadcast,
        first,
        last,
        addresses,
        hosts,
        notes: match prefix {
            0 => vec![Note::DefaultRoute],
            _ => kind.into_iter().chain(place).collect(),
        },
    }
}

#[test]
fn every_case_is_reckoned_alike() {
    for case in data().subnet {
        assert_eq!(case.answer, reckon(&case.input), "`{}`: left is the data", case.input);
    }
}

#[test]
fn the_corners_are_among_the_cases() {
    let cases = data().subnet;
    for prefix in [0, 1, 30, 31, 32] {
        assert!(
            cases
                .iter()
                .any(|case| case.input.trim().ends_with(&format!("/{prefix}"))),
            "/{prefix}"
        );
    }
    for bad in [
        Bad::NoAddress,
        Bad::NoMask,
        Bad::BadAddress,
        Bad::BadPrefix,
        Bad::BadMask,
    ] {
        assert!(
            cases.iter().any(|case| case.answer == Answer::Bad { error: bad }),
            "{bad:?}"
        );
    }
}
