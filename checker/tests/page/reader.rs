//! HTML as a strict reader reads it.

use html5ever::tendril::TendrilSink;
use html5ever::tokenizer::TokenizerOpts;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// An element, with its attributes.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
}

impl Element {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        attributes.find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What a strict reader of HTML complains of.
pub(crate) fn complaints(page: &str) -> Vec<String> {
    parsed(page).errors.borrow().iter().map(ToString::to_string).collect()
}

fn parsed(page: &str) -> RcDom {
    let tokenizer = TokenizerOpts {
        exact_errors: true,
        ..TokenizerOpts::default()
    };
    let options = ParseOpts {
        tokenizer,
        ..ParseOpts::default()
    };
    parse_document(RcDom::default(), options).one(page)
}

/// All elements, in order, of a page of which there is nothing to complain.
pub(crate) fn elements(page: &str) -> Vec<Element> {
    fn walk(node: &Handle, into: &mut Vec<Element>) {
        if let NodeData::Element { name, attrs, .. } = &node.data {
            let attributes = attrs
                .borrow()
                .iter()
                .map(|of| (of.name.local.to_string(), of.value.to_string()))
                .collect();
            into.push(Element {
                name: name.local.to_string(),
                attributes,
            });
        }
        node.children.borrow().iter().for_each(|child| walk(child, into));
    }
    let errors = complaints(page);
    assert!(errors.is_empty(), "{errors:#?}");
    let mut found = Vec::new();
    walk(&parsed(page).document, &mut found);
    found
}
