//! Where objects are that change.

use std::collections::BTreeSet;

use crate::object::Key;

/// Cluster-wide objects that are named; of more of them their number does.
const NAMED: usize = 2;

/// The namespaces of objects, and what of them is cluster-wide: as in `monitoring · Namespace/monitoring
/// (cluster-wide)`. `otherwise` where there are none.
#[must_use]
pub fn places<'a>(keys: impl IntoIterator<Item = &'a Key>, otherwise: &str) -> String {
    let (mut namespaces, mut wide) = (BTreeSet::new(), BTreeSet::new());
    for key in keys {
        match &key.namespace {
            Some(namespace) => drop(namespaces.insert(namespace.as_str())),
            None => drop(wide.insert(key)),
        }
    }
    let namespaces = namespaces.into_iter().collect::<Vec<_>>().join(", ");
    let wide = match wide.len() {
        0 => String::new(),
        1..=NAMED => {
            let names: Vec<String> = wide.iter().map(ToString::to_string).collect();
            format!("{} (cluster-wide)", names.join(", "))
        }
        number => format!("{number} cluster-wide objects"),
    };
    let parts: Vec<String> = [namespaces, wide].into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { otherwise.to_owned() } else { parts.join(" · ") }
}

#[cfg(test)]
mod tests {
    use super::places;
    use crate::object::Key;

    fn key(kind: &str, namespace: Option<&str>, name: &str) -> Key {
        Key {
            group: String::new(),
            kind: kind.into(),
            namespace: namespace.map(Into::into),
            name: name.into(),
        }
    }

    #[test]
    fn what_is_elsewhere_or_cluster_wide_is_named() {
        let keys = [
            key("Service", Some("traefik"), "a"),
            key("Service", Some("shop"), "b"),
            key("Namespace", None, "traefik"),
        ];
        assert_eq!(places(&keys, "shop"), "shop, traefik · Namespace/traefik (cluster-wide)");
        let roles = ["a", "b", "c"].map(|name| key("ClusterRole", None, name));
        assert_eq!(places(&roles, "shop"), "3 cluster-wide objects");
        assert_eq!(places([], "shop"), "shop");
    }
}
