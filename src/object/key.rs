//! What names an object within one cluster.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Group, kind, namespace and name: one object in one cluster, whichever API version serves it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// API group; empty for the core group.
    pub group: String,
    /// Kind, as in `Deployment`.
    pub kind: String,
    /// Namespace; `None` for cluster-scoped kinds.
    pub namespace: Option<String>,
    /// Name within the namespace (or the cluster).
    pub name: String,
}

impl Key {
    /// Is this a key of the given group and kind?
    #[must_use]
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.group == group && self.kind == kind
    }

    /// The key as a rendering may have it, which may leave the namespace out.
    #[must_use]
    pub fn without_namespace(&self) -> Self {
        Self { namespace: None, ..self.clone() }
    }
}

/// `Deployment/gateway`: how people name it. The namespace is on the screen already.
impl Key {
    /// With its namespace, as in `Secret/web-tls in shop`.
    #[must_use]
    pub fn placed(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{self} in {namespace}"),
            None => self.to_string(),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn is_shown_as_kind_and_name() {
        let key = Key {
            group: "apps".into(),
            kind: "Deployment".into(),
            namespace: Some("staging".into()),
            name: "gateway".into(),
        };
        assert_eq!(key.to_string(), "Deployment/gateway");
        assert!(key.is("apps", "Deployment"));
    }
}
