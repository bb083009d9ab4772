//! Free ports on loopback for the parts of the rehearsal cluster, and for the services beside it.
//!
//! Someone else may take one before the part that it is meant for does; whoever boots must be ready to try
//! again with others, and asks no earlier than it must.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

/// The ports of a cluster.
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

/// The ports of what stands beside a cluster.
#[derive(Clone, Copy, Debug)]
pub(super) struct ServicePorts {
    pub(super) registry: u16,
    pub(super) acme: u16,
    pub(super) names: u16,
    pub(super) answers: u16,
}

impl Ports {
    /// Asks the kernel for ports that are free now.
    pub(super) fn free() -> io::Result<Self> {
        let [etcd, etcd_peer, api_server, controller_manager, scheduler, kwok, metrics_server] = free()?;
        Ok(Self { etcd, etcd_peer, api_server, controller_manager, scheduler, kwok, metrics_server })
    }
}

impl ServicePorts {
    /// Asks the kernel for ports that are free now.
    pub(super) fn free() -> io::Result<Self> {
        let [registry, acme, names, answers] = free()?;
        Ok(Self { registry, acme, names, answers })
    }
}

fn free<const COUNT: usize>() -> io::Result<[u16; COUNT]> {
    // All are held at the same time, or the kernel might give one of them twice.
    let mut listeners = Vec::with_capacity(COUNT);
    let mut ports = [0; COUNT];
    for port in &mut ports {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        *port = listener.local_addr()?.port();
        listeners.push(listener);
    }
    Ok(ports)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_port_is_given_twice() {
        let ports: std::collections::BTreeSet<u16> = free::<50>().unwrap().into();
        assert!(ports.len() == 50 && !ports.contains(&0));
    }
}
