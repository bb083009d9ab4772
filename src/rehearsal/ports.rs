//! Free ports on loopback for the parts of the rehearsal cluster.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

/// The ports of one boot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ports {
    pub(super) etcd: u16,
    pub(super) etcd_peer: u16,
    pub(super) api_server: u16,
    pub(super) controller_manager: u16,
    pub(super) scheduler: u16,
    pub(super) kwok: u16,
    pub(super) metrics_server: u16,
}

impl Ports {
    /// Asks the kernel for ports that are free now. Someone else may take one before the part that it
    /// is meant for does; whoever boots must be ready to try again with others.
    pub(super) fn free() -> io::Result<Self> {
        // All are held at the same time, or the kernel might give one of them twice.
        let listeners =
            (0..7).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).collect::<io::Result<Vec<_>>>()?;
        let mut ports = listeners.iter().map(|listener| listener.local_addr().map(|address| address.port()));
        let mut next = || ports.next().unwrap_or_else(|| Err(io::ErrorKind::AddrNotAvailable.into()));
        Ok(Self {
            etcd: next()?,
            etcd_peer: next()?,
            api_server: next()?,
            controller_manager: next()?,
            scheduler: next()?,
            kwok: next()?,
            metrics_server: next()?,
        })
    }
}
