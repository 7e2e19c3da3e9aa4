//! What stands in a client's words for where the server can be reached, and what was meant to.

use std::ffi::OsString;
use std::net::SocketAddr;

const ADDR: &str = "{addr}";
const HOST: &str = "{host}";
const PORT: &str = "{port}";

/// The word with the server's address in it.
pub(super) fn filled_in(word: &OsString, addr: SocketAddr) -> OsString {
    match word.to_str() {
        Some(text) => text
            .replace(ADDR, &addr.to_string())
            .replace(HOST, &addr.ip().to_string())
            .replace(PORT, &addr.port().to_string())
            .into(),
        None => word.clone(),
    }
}

/// That the client's words hold no misspelt placeholder.
///
/// # Errors
/// The first, with what was meant.
pub(super) fn of_client(words: &[OsString]) -> Result<(), String> {
    match words.iter().find_map(|word| misspelt(word.to_str()?)) {
        None => Ok(()),
        Some((found, meant)) => Err(format!(
            "`--client` has no placeholder `{found}` (did you mean `{meant}`?): there are `{ADDR}`, `{HOST}` and `{PORT}`"
        )),
    }
}

/// That the server's words hold none: it is started first.
///
/// # Errors
/// The first.
pub(super) fn of_server(words: &[OsString]) -> Result<(), String> {
    let is_one_word = |word: &&str| !word.contains(char::is_whitespace);
    // A text with blanks is code of its own, in which `{port}` may be one of its names.
    let mut words = words.iter().filter_map(|word| word.to_str()).filter(is_one_word);
    let found = words.find_map(|word| {
        let exact = [ADDR, HOST, PORT].into_iter().find(|known| word.contains(known));
        exact.or_else(|| misspelt(word).map(|(found, _)| found))
    });
    match found {
        None => Ok(()),
        Some(found) => Err(format!(
            "`{found}` stands for nothing in `--server`, which is started first: name its address yourself; placeholders are for `--client`"
        )),
    }
}

/// A `{word}` of letters that is nearly a placeholder, and which: braces have a meaning of their own in awk, JSON, Python and the shell.
fn misspelt(text: &str) -> Option<(&str, &'static str)> {
    text.match_indices('{').find_map(|(begin, _)| {
        let length = text[begin..].find('}')?;
        let found = &text[begin..=begin + length];
        let name = &found[1..length];
        // `${addr}` is the shell's, `%{port}` curl's.
        let is_of_another = text[..begin].ends_with(['$', '%']);
        if is_of_another || name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return None;
        }
        let meant = [ADDR, HOST, PORT].into_iter().find(|known| is_near(found, known))?;
        Some((found, meant))
    })
}

/// Narrower than for names that must be known: `{print}` is meant as it is.
fn is_near(found: &str, known: &str) -> bool {
    let spelt_out = [("{address}", ADDR), ("{adress}", ADDR), ("{hostname}", HOST)];
    found != known
        && (strsim::damerau_levenshtein(&found.to_lowercase(), known) <= 1
            || spelt_out.contains(&(found.to_lowercase().as_str(), known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<OsString> {
        shlex::split(text)
            .expect("closed quotes")
            .into_iter()
            .map(Into::into)
            .collect()
    }

    #[test]
    fn a_misspelt_placeholder_is_told_from_braces_that_mean_something_else() {
        for (text, meant) in [
            ("curl -s {adr}", "{addr}"),
            ("curl -s http://{address}/", "{addr}"),
            ("nc {host} {prot}", "{port}"),
            ("sh -c 'nc {Host} {port}'", "{host}"),
        ] {
            let error = of_client(&words(text)).expect_err(text);
            assert!(error.contains(&format!("did you mean `{meant}`?")), "{error}");
        }
        for text in [
            "curl -s {addr} {host} {port}",
            "find . -exec cat {} +",
            "sh -c 'echo {1..3} {a,b} ${prt} ${addr}'",
            r#"printf '{"adr": {"port": 1}}'"#,
            "awk '{print} {print $1}'",
            "curl -w '%{prt}' {addr}",
            "echo '{' '}' '{{}}' {unclosed",
        ] {
            assert_eq!(of_client(&words(text)), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_server_has_no_placeholders() {
        for text in ["nc -l {port}", "nc -l 127.0.0.1:{prot}"] {
            let error = of_server(&words(text)).expect_err(text);
            assert!(error.contains("stands for nothing in `--server`"), "{error}");
        }
        for text in [
            "nc -l 9000",
            r#"python3 -c 'port = 1; print(f"{port}")'"#,
            "awk '{print}'",
        ] {
            assert_eq!(of_server(&words(text)), Ok(()), "{text}");
        }
    }
}
