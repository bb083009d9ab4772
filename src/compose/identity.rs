//! Which items of two files' lists are the same thing.

use super::{
    mounts::split_mount,
    ports::split_port,
    shape::Identity,
    tree::{Node, Value},
};

/// What an item is known by; equal for items of which the later stands for the earlier.
pub(super) fn identity(item: &Value, of: Identity) -> String {
    let text = item.scalar();
    let field = |name: &str| item.get(name).and_then(|entry| entry.value.scalar());
    match (of, &text) {
        (Identity::Port, Some(text)) => match split_port(text) {
            Some(port) => port_identity(port.host_ip, port.published, port.target, port.protocol),
            None => text.clone(),
        },
        (Identity::Port, None) => {
            let (ip, published, target) = (field("host_ip"), field("published"), field("target"));
            let protocol = field("protocol");
            port_identity(
                ip.as_deref(),
                published.as_deref(),
                target.as_deref().unwrap_or_default(),
                protocol.as_deref(),
            )
        }
        (Identity::Target, Some(text)) => split_mount(text).target.to_owned(),
        (Identity::Target, None) => {
            field("target").or_else(|| field("source")).unwrap_or_else(|| place(item))
        }
        (Identity::FileTarget, None) => {
            field("target").or_else(|| field("source")).unwrap_or_else(|| place(item))
        }
        (Identity::Subnet, None) => field("subnet").unwrap_or_else(|| place(item)),
        (_, Some(text)) => text.clone(),
        (Identity::Itself, None) => place(item),
    }
}

fn port_identity(ip: Option<&str>, published: Option<&str>, target: &str, protocol: Option<&str>) -> String {
    format!(
        "{} {} {target} {}",
        ip.unwrap_or_default(),
        published.unwrap_or_default(),
        protocol.unwrap_or("tcp").to_lowercase()
    )
}

/// Nothing else is the same.
fn place(item: &Value) -> String {
    match item.node {
        Node::Null => String::new(),
        _ => item.place.to_string() + ":" + &item.place.column.to_string(),
    }
}
