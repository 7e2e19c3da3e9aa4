//! As much of HTML as the rules need: its tags, with their attributes, and its comments.

/// An opening or a closing tag.
#[derive(Debug, Clone)]
pub struct Element {
    /// In lower case.
    pub name: String,
    pub closing: bool,
    /// `<br>` and `<path …/>`: nothing closes it.
    pub empty: bool,
    pub attributes: Vec<(String, String)>,
    /// Where its `<` is, and the place behind its `>`.
    pub at: usize,
    pub end: usize,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(have, _)| have == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn opens(&self, name: &str) -> bool {
        !self.closing && self.name == name
    }

    /// An address on another host that a browser would fetch to show the page.
    pub fn fetched_from_elsewhere(&self) -> Option<&str> {
        let loads = |name: &str| {
            ["src", "srcset", "data", "poster", "xlink:href"].contains(&name) || (name == "href" && self.name != "a")
        };
        self.attributes
            .iter()
            .filter(|(name, _)| loads(name))
            .map(|(_, value)| value.as_str())
            .find(|value| value.contains("://") || value.starts_with("//"))
    }
}

const VOID: &[&str] = &["br", "hr", "img", "input", "link", "meta", "source", "wbr", "col"];

/// The tags of a text, whose places are counted from `base`. What stands in comments, scripts and styles is none.
pub fn elements(text: &str, base: usize) -> Vec<Element> {
    let mut elements = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        let start = at + found;
        let rest = &text[start..];
        if rest.starts_with("<!--") {
            at = rest.find("-->").map_or(text.len(), |end| start + end + 3);
            continue;
        }
        let Some(element) = element(rest, base + start) else {
            at = start + 1;
            continue;
        };
        at = element.end - base;
        let raw = !element.closing && ["script", "style"].contains(&element.name.as_str());
        if raw {
            let close = format!("</{}", element.name);
            at = text[at..].find(&close).map_or(text.len(), |end| at + end);
        }
        elements.push(element);
    }
    elements
}

/// The comments of a text, without their marks.
pub fn comments(text: &str, base: usize) -> Vec<(String, usize)> {
    let mut comments = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("<!--") {
        let start = at + found;
        let end = text[start..].find("-->").map_or(text.len(), |end| start + end);
        comments.push((text[start + 4..end].trim().to_owned(), base + start));
        at = (end + 3).min(text.len());
    }
    comments
}

fn element(text: &str, at: usize) -> Option<Element> {
    let closing = text.starts_with("</");
    let name_at = if closing { 2 } else { 1 };
    let name: String = text[name_at..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let mut attributes = Vec::new();
    let mut place = name_at + name.len();
    let empty = loop {
        place += text[place..].len() - text[place..].trim_start().len();
        let rest = &text[place..];
        if rest.starts_with("/>") {
            place += 2;
            break true;
        }
        match rest.chars().next()? {
            '>' => {
                place += 1;
                break VOID.contains(&name.to_ascii_lowercase().as_str());
            }
            '/' => {
                place += 1;
                continue;
            }
            _ => {}
        }
        let key_length = rest
            .find(|c: char| c.is_whitespace() || "=>/".contains(c))
            .filter(|&length| length > 0)?;
        let key = rest[..key_length].to_ascii_lowercase();
        place += key_length;
        let Some(value) = text[place..].strip_prefix('=') else {
            attributes.push((key, String::new()));
            continue;
        };
        place += 1;
        let quote = value.chars().next()?;
        let value = if quote == '"' || quote == '\'' {
            let length = value[1..].find(quote)?;
            place += length + 2;
            &value[1..=length]
        } else {
            let length = value.find(|c: char| c.is_whitespace() || c == '>')?;
            place += length;
            &value[..length]
        };
        attributes.push((key, value.to_owned()));
    };
    Some(Element {
        name: name.to_ascii_lowercase(),
        closing,
        empty: empty && !closing,
        attributes,
        at,
        end: at + place,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_have_names_attributes_and_places() {
        let text = "a < b <svg viewBox=\"0 0 1 > 1\"\n role='img'><path d=x /><br></svg><!-- <p> --> <script>if (a<b) {}</script>";
        let found = elements(text, 0);
        let names: Vec<String> = found
            .iter()
            .map(|element| format!("{}{}", if element.closing { "/" } else { "" }, element.name))
            .collect();
        assert_eq!(names, ["svg", "path", "br", "/svg", "script", "/script"]);
        assert_eq!(found[0].attribute("viewbox"), Some("0 0 1 > 1"));
        assert_eq!(found[0].attribute("role"), Some("img"));
        assert!(found[1].empty && found[2].empty && !found[0].empty);
        assert_eq!(&text[found[0].at..found[0].at + 4], "<svg");
        assert_eq!(
            comments(text, 0),
            [("<p>".to_owned(), text.find("<!--").expect("a comment"))]
        );
    }
}
