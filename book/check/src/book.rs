//! The book's pages as they are written, before mdBook has seen them.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::html::{self, Element};

/// The pages of `book/src`, and the checkout around them.
pub struct Book {
    /// The checkout, which holds `book/`, `lessons/` and `solutions/`.
    pub root: PathBuf,
    pub pages: Vec<Page>,
    /// What `SUMMARY.md` links to, with the line.
    pub summary: Vec<(String, usize)>,
}

/// The checkout that cargo runs this in. Asked when it runs: several checkouts may share what is built.
pub fn checkout() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let package = PathBuf::from(package);
    package
        .ancestors()
        .nth(2)
        .map_or_else(|| package.clone(), Path::to_owned)
}

/// One page, by its path below `book/src`: `foundations/udp.md`.
pub struct Page {
    pub path: String,
    pub text: String,
}

/// A heading, with its own id if it has one.
pub struct Heading {
    pub level: HeadingLevel,
    pub title: String,
    pub id: Option<String>,
    pub line: usize,
}

/// A code block. `language` is the whole word after the fence, `rust,no_run`; `None` is an indented block.
pub struct Fence {
    pub language: Option<String>,
    pub code: String,
    pub line: usize,
}

/// What a link or an image leads to.
pub struct Link {
    pub target: String,
    pub image: bool,
    /// An image's alternative text, a link's words.
    pub text: String,
    pub line: usize,
}

/// The rows of a table, the first of which is its head; each cell is its source text.
pub struct Table {
    pub rows: Vec<(Vec<String>, usize)>,
}

impl Book {
    /// Reads every page below `book/src` of a checkout.
    pub fn read(root: &Path) -> Result<Book> {
        let src = root.join("book/src");
        let mut paths = Vec::new();
        markdown_below(&src, &mut paths)?;
        paths.sort();
        let mut pages = Vec::new();
        for path in paths {
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let path = path.strip_prefix(&src).unwrap_or(&path).display().to_string();
            pages.push(Page { path, text });
        }
        Ok(Book::of(root, pages))
    }

    /// The same from memory. A page named `SUMMARY.md` is the table of contents; without one, every page is in it.
    pub fn of(root: &Path, mut pages: Vec<Page>) -> Book {
        let summary = match pages.iter().position(|page| page.path == "SUMMARY.md") {
            Some(at) => {
                let links = pages.remove(at).links();
                links.into_iter().map(|link| (link.target, link.line)).collect()
            }
            None => pages.iter().map(|page| (page.path.clone(), 1)).collect(),
        };
        Book {
            root: root.to_owned(),
            pages,
            summary,
        }
    }

    pub fn page(&self, path: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.path == path)
    }

    pub fn src(&self) -> PathBuf {
        self.root.join("book/src")
    }
}

fn markdown_below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            markdown_below(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    Ok(())
}

impl Page {
    /// The name that all ids of the page begin with: `udp` of `foundations/udp.md`, `lesson04` of `lessons/04-udp.md`.
    pub fn stem(&self) -> String {
        let file = self.path.rsplit('/').next().unwrap_or(&self.path);
        match self.path.strip_prefix("lessons/").and_then(|name| name.split_once('-')) {
            Some((number, _)) => format!("lesson{number}"),
            None => file.trim_end_matches(".md").to_owned(),
        }
    }

    /// As it is named in a finding.
    pub fn file(&self) -> String {
        format!("book/src/{}", self.path)
    }

    /// The line, from 1, of a place in the text.
    pub fn line(&self, at: usize) -> usize {
        1 + self.text[..at].matches('\n').count()
    }

    /// As mdBook reads it, except that nothing is included yet.
    pub fn events(&self) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_HEADING_ATTRIBUTES;
        Parser::new_ext(&self.text, options).into_offset_iter()
    }

    pub fn headings(&self) -> Vec<Heading> {
        let mut headings: Vec<Heading> = Vec::new();
        let mut inside = false;
        for (event, range) in self.events() {
            match event {
                Event::Start(Tag::Heading { level, id, .. }) => {
                    inside = true;
                    headings.push(Heading {
                        level,
                        title: String::new(),
                        id: id.map(|id| id.to_string()),
                        line: self.line(range.start),
                    });
                }
                Event::End(TagEnd::Heading(_)) => inside = false,
                Event::Text(text) | Event::Code(text) if inside => {
                    if let Some(heading) = headings.last_mut() {
                        heading.title.push_str(&text);
                    }
                }
                _ => {}
            }
        }
        headings
    }

    pub fn fences(&self) -> Vec<Fence> {
        let mut fences: Vec<Fence> = Vec::new();
        let mut inside = false;
        for (event, range) in self.events() {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    inside = true;
                    fences.push(Fence {
                        language: match kind {
                            CodeBlockKind::Fenced(language) => Some(language.to_string()),
                            CodeBlockKind::Indented => None,
                        },
                        code: String::new(),
                        line: self.line(range.start),
                    });
                }
                Event::End(TagEnd::CodeBlock) => inside = false,
                Event::Text(text) if inside => {
                    if let Some(fence) = fences.last_mut() {
                        fence.code.push_str(&text);
                    }
                }
                _ => {}
            }
        }
        fences
    }

    pub fn links(&self) -> Vec<Link> {
        let mut links: Vec<Link> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        for (event, range) in self.events() {
            match event {
                Event::Start(Tag::Link { dest_url, .. }) => {
                    open.push(links.len());
                    links.push(Link {
                        target: dest_url.to_string(),
                        image: false,
                        text: String::new(),
                        line: self.line(range.start),
                    });
                }
                Event::Start(Tag::Image { dest_url, .. }) => {
                    open.push(links.len());
                    links.push(Link {
                        target: dest_url.to_string(),
                        image: true,
                        text: String::new(),
                        line: self.line(range.start),
                    });
                }
                Event::End(TagEnd::Link | TagEnd::Image) => {
                    open.pop();
                }
                Event::Text(text) | Event::Code(text) => {
                    for &at in &open {
                        links[at].text.push_str(&text);
                    }
                }
                _ => {}
            }
        }
        for element in self.elements().iter().filter(|element| element.name == "a") {
            if let Some(target) = element.attribute("href") {
                links.push(Link {
                    target: target.to_owned(),
                    image: false,
                    text: String::new(),
                    line: self.line(element.at),
                });
            }
        }
        links
    }

    pub fn tables(&self) -> Vec<Table> {
        let mut tables: Vec<Table> = Vec::new();
        for (event, range) in self.events() {
            match event {
                Event::Start(Tag::Table(_)) => tables.push(Table { rows: Vec::new() }),
                Event::Start(Tag::TableHead | Tag::TableRow) => {
                    let line = self.line(range.start);
                    if let Some(table) = tables.last_mut() {
                        table.rows.push((Vec::new(), line));
                    }
                }
                Event::Start(Tag::TableCell) => {
                    let cell = self.text[range].trim().trim_matches('|').trim().to_owned();
                    if let Some((cells, _)) = tables.last_mut().and_then(|table| table.rows.last_mut()) {
                        cells.push(cell);
                    }
                }
                _ => {}
            }
        }
        tables
    }

    /// What stands between backticks.
    pub fn inline_code(&self) -> Vec<(String, usize)> {
        self.events()
            .filter_map(|(event, range)| match event {
                Event::Code(code) => Some((code.to_string(), self.line(range.start))),
                _ => None,
            })
            .collect()
    }

    /// What a reader reads: neither code nor markup.
    pub fn prose(&self) -> Vec<(String, usize)> {
        let mut prose = Vec::new();
        let mut in_code = false;
        for (event, range) in self.events() {
            match event {
                Event::Start(Tag::CodeBlock(_)) => in_code = true,
                Event::End(TagEnd::CodeBlock) => in_code = false,
                Event::Text(text) if !in_code => prose.push((text.to_string(), self.line(range.start))),
                _ => {}
            }
        }
        prose
    }

    /// The parts that are HTML, each a stretch of the text.
    pub fn html(&self) -> Vec<Range<usize>> {
        self.events()
            .filter_map(|(event, range)| match event {
                Event::Start(Tag::HtmlBlock) | Event::InlineHtml(_) => Some(range),
                _ => None,
            })
            .collect()
    }

    /// The opening and closing tags, in order.
    pub fn elements(&self) -> Vec<Element> {
        let mut elements = Vec::new();
        for range in self.html() {
            elements.extend(html::elements(&self.text[range.clone()], range.start));
        }
        elements
    }

    /// The comments, each with the place where it begins.
    pub fn comments(&self) -> Vec<(String, usize)> {
        let mut comments = Vec::new();
        for range in self.html() {
            comments.extend(html::comments(&self.text[range.clone()], range.start));
        }
        comments
    }

    /// Everything on the page that a `#fragment` can name.
    pub fn ids(&self) -> BTreeSet<String> {
        self.ids_with_lines().into_iter().map(|(id, _)| id).collect()
    }

    pub fn ids_with_lines(&self) -> Vec<(String, usize)> {
        let of_headings = self
            .headings()
            .into_iter()
            .filter_map(|heading| Some((heading.id?, heading.line)));
        let of_elements = self.elements().into_iter().filter(|element| !element.closing);
        let of_elements = of_elements
            .filter_map(|element| Some((element.attribute("id")?.to_owned(), self.line(element.at))))
            .collect::<Vec<_>>();
        of_headings.chain(of_elements).collect()
    }
}
