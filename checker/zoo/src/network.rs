//! Calls to the host and to the world, and sockets of families that no exercise needs.

use std::net::{TcpStream, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};

use nix::libc;

use crate::Order;
use crate::said::tried;
use crate::system::call;

/// `port=NUMBER` on the host's loopback, `abstract=NAME` and `socket=PATH` of the host, and an address that is nobody's.
pub(crate) fn calls(order: &Order) {
    tried(
        "call/loopback",
        TcpStream::connect(format!("127.0.0.1:{}", order.value("port"))),
    );
    tried(
        "call/loopback6",
        TcpStream::connect(format!("[::1]:{}", order.value("port6"))),
    );
    let named = SocketAddr::from_abstract_name(order.value("abstract"));
    tried("call/abstract", named.and_then(|name| UnixStream::connect_addr(&name)));
    tried("call/path", UnixStream::connect(order.value("socket")));
    // No packet leaves: for a datagram socket it is only found out whether there is a way.
    if order.value("outside") == "yes" {
        for (what, address, own) in [
            ("outside", "192.0.2.1:9", "0.0.0.0:0"),
            ("outside6", "[2001:db8::1]:9", "[::]:0"),
        ] {
            tried(
                &format!("call/{what}"),
                UdpSocket::bind(own).and_then(|socket| socket.connect(address)),
            );
        }
    }
}

pub(crate) fn families(_: &Order) {
    // Some are modules that only a first use would load into the kernel.
    for (what, family, kind) in [
        ("vsock", libc::AF_VSOCK, libc::SOCK_STREAM),
        ("packet", libc::AF_PACKET, libc::SOCK_RAW),
        ("crypto", libc::AF_ALG, libc::SOCK_SEQPACKET),
        ("bluetooth", libc::AF_BLUETOOTH, libc::SOCK_RAW),
        ("can", libc::AF_CAN, libc::SOCK_RAW),
        ("tipc", libc::AF_TIPC, libc::SOCK_SEQPACKET),
        ("rds", libc::AF_RDS, libc::SOCK_SEQPACKET),
        ("xdp", libc::AF_XDP, libc::SOCK_RAW),
        ("key", libc::AF_KEY, libc::SOCK_RAW),
        ("raw", libc::AF_INET, libc::SOCK_RAW),
        ("raw6", libc::AF_INET6, libc::SOCK_RAW),
    ] {
        tried(
            &format!("family/{what}"),
            call(libc::SYS_socket, [family.into(), kind.into(), 255]),
        );
        if !what.starts_with("raw") {
            tried(
                &format!("family/{what}/0"),
                call(libc::SYS_socket, [family.into(), kind.into(), 0]),
            );
        }
    }
}
