//! The subnet calculator's cases.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{row, wrapped};

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Case {
    pub input: String,
    #[serde(flatten)]
    pub answer: Answer,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Answer {
    Bad { error: Bad },
    Subnet(Subnet),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bad {
    NoAddress,
    NoMask,
    BadAddress,
    BadPrefix,
    BadMask,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Subnet {
    pub network: String,
    pub mask: String,
    pub broadcast: Option<String>,
    pub first: Option<String>,
    pub last: Option<String>,
    pub addresses: u64,
    pub hosts: Option<u64>,
    pub notes: Vec<Note>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    Private,
    Loopback,
    LinkLocal,
    Shared,
    Documentation,
    Multicast,
    IsNetwork,
    IsBroadcast,
    PointToPoint,
    Single,
    DefaultRoute,
}

/// The table shows the good cases; how bad input is answered, only the script shows.
pub(super) fn markup(cases: &[Case]) -> String {
    let mut table = vec![row([
        "Address and mask",
        "Network",
        "Broadcast",
        "Hosts from",
        "to",
        "How many",
    ])];
    for case in cases {
        let Answer::Subnet(subnet) = &case.answer else {
            continue;
        };
        let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
        let hosts = subnet.hosts.map_or_else(|| "none".to_owned(), thousands);
        table.push(row([
            &format!("`{}`", case.input.trim()),
            &subnet.network,
            &or_none(&subnet.broadcast),
            &or_none(&subnet.first),
            &or_none(&subnet.last),
            &hosts,
        ]));
    }
    let head = "**Subnet calculator.** Which network an address belongs to, and which addresses its neighbours can have. (RFC 4632 §3.1, RFC 3021)";
    let cases = json!(cases).to_string();
    wrapped(&[("data-widget", "subnet"), ("data-cases", &cases)], head, &table)
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}
