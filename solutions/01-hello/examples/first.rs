//! The first page of the book: one program greets, the other listens.

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["server", addr] => server(addr),
        ["client", addr] => client(addr),
        _ => Err(io::Error::other("say `server` or `client`, and an address")),
    }
}

/// Waits for one visitor and greets it.
fn server(addr: &str) -> io::Result<()> {
    let listener = TcpListener::bind(addr)?;
    println!("listening on {}", listener.local_addr()?);

    let (mut stream, visitor) = listener.accept()?;
    println!("{visitor} is here");
    stream.write_all(b"hello, whoever you are\n")
}

/// Visits a server, and prints all that it says.
fn client(addr: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect(addr)?;

    let mut said = String::new();
    stream.read_to_string(&mut said)?;
    print!("{said}");
    Ok(())
}
