//! Images where they are kept: is one there, under which digest, for which platforms, how old.
//!
//! Reads manifests and configurations, never layers. One image is asked about at most once in a look, eight side by
//! side, each within a time limit. Whoever has logged in with docker or podman is known; a registry on this machine
//! is spoken to without TLS, every other one with it.

mod client;
mod config;
mod credentials;
mod desk;
mod found;
mod manifest;
mod refusal;
mod table;

pub(crate) use client::client;
pub use client::{Asked, Registries};
pub use config::AuthFiles;
pub use desk::{Images, Listed};
pub use found::{Found, Platform};
pub use refusal::{Refusal, RefusalSort};
pub use table::{ImageReport, ImageRow};

use oci_client::Reference;

/// Is the registry on this machine?
pub(crate) fn is_here(registry: &str) -> bool {
    let host = registry.rsplit_once(':').map_or(registry, |(host, port)| {
        if port.bytes().all(|digit| digit.is_ascii_digit()) { host } else { registry }
    });
    host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The registry of an image, as docker reads its name; `None` when it is no image's name.
#[must_use]
pub fn registry_of(image: &str) -> Option<String> {
    image.parse::<Reference>().ok().map(|reference| reference.registry().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{is_here, registry_of};

    #[test]
    fn this_machine_is_told_from_others() {
        for here in ["localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000", "127.8.0.1"] {
            assert!(is_here(here), "{here}");
        }
        for there in ["ghcr.io", "localhost.example.com", "10.0.0.1:5000", "docker.io"] {
            assert!(!is_here(there), "{there}");
        }
    }

    #[test]
    fn short_names_are_docker_hubs() {
        assert_eq!(registry_of("nginx").unwrap(), "docker.io");
        assert_eq!(registry_of("acme/app:1").unwrap(), "docker.io");
        assert_eq!(registry_of("localhost:5000/app").unwrap(), "localhost:5000");
        assert_eq!(registry_of("Not An Image"), None);
    }
}
