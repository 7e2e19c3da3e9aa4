//! The widgets teach nothing wrong: each scenario is played by a model written after the RFCs, apart from the scripts, and must come out as
//! the data says.

mod endpoint;
mod exchanges;
mod fresh;
mod segment;
mod sticky;
mod subnet;
mod tcp;
mod tcp_table;

use std::path::Path;

use book_check::widgets::Data;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn data() -> Data {
    Data::read(root()).expect("the data of the widgets")
}
