//! A naive sender and a naive reader, who believe that what is one send is one read.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use anyhow::Result;

fn main() -> Result<()> {
    glued()?;
    println!();
    cut()
}

fn glued() -> Result<()> {
    println!("glued: three sends, then one read");
    let (mut sender, mut reader) = connection()?;
    let mut sent = 0;
    for message in ["one", "two", "three"] {
        sender.write_all(message.as_bytes())?;
        sent += message.len();
        println!("  sent {message:?}");
    }

    // All three have arrived before the reader asks. `peek` looks at what there is, and takes
    // nothing.
    let mut buffer = [0; 100];
    while reader.peek(&mut buffer)? < sent {}
    let count = reader.read(&mut buffer)?;
    println!("  read {:?}", String::from_utf8_lossy(&buffer[..count]));
    Ok(())
}

fn cut() -> Result<()> {
    let message = vec![b'x'; 32 * 1024 * 1024];
    println!(
        "cut: one send of {} bytes, then one read of up to as many",
        message.len()
    );
    let (mut sender, mut reader) = connection()?;
    let mut buffer = vec![0; message.len()];

    // This is far more than the kernel keeps on the way. So the sender is still busy when the
    // reader asks, and the reader gets what has arrived until then.
    let sending = thread::spawn(move || sender.write_all(&message));
    let count = reader.read(&mut buffer)?;
    let came = if count < buffer.len() {
        "a part of it"
    } else {
        "all of it"
    };
    println!("  read {came}");

    // The reader hangs up, which ends the sender with an error.
    drop(reader);
    let _ = sending.join();
    Ok(())
}

/// Both ends of a connection.
fn connection() -> Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let sender = TcpStream::connect(listener.local_addr()?)?;
    let (reader, _) = listener.accept()?;
    Ok((sender, reader))
}
