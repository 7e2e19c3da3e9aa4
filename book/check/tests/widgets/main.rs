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

use book_check::widgets::Data;

fn data() -> Data {
    Data::read(&book_check::checkout()).expect("the data of the widgets")
}
