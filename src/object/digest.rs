//! Keyed digests: what a confirmation binds, and how the journal names a body without holding it.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::Object;

/// A keyed digest, as 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(pub String);

impl Digest {
    /// The first twelve digits: enough for people to compare.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Makes digests with one run's key (HMAC-SHA-256), so that a Secret's digest cannot be guessed from
/// a list of likely values by someone who holds the journal alone.
#[derive(Clone)]
pub struct Digester {
    key: [u8; 32],
}

impl Digester {
    /// A digester with the run's key.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The digest of any serialisable value in its canonical form: JSON with sorted keys.
    ///
    /// # Panics
    /// Never: HMAC takes a key of any length.
    #[must_use]
    pub fn of(&self, value: &impl Serialize) -> Digest {
        // serde_json's own map is sorted (the `preserve_order` feature is off), so going through
        // `Value` makes the text canonical.
        let canonical = serde_json::to_value(value).unwrap_or_default().to_string();
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104)")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of 32 bytes");
        mac.update(canonical.as_bytes());
        Digest(hex::encode(mac.finalize().into_bytes()))
    }

    /// The digest of an object's meaning: unchanged by status, bookkeeping and key order.
    #[must_use]
    pub fn of_meaning(&self, object: &Object) -> Digest {
        self.of(&super::meaning(object))
    }
}

impl fmt::Debug for Digester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digester(key hidden)")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Digester;

    #[test]
    fn the_order_of_keys_does_not_matter_and_the_run_key_does() {
        let one = Digester::new([1; 32]);
        let two = Digester::new([2; 32]);
        assert_eq!(one.of(&json!({"a": 1, "b": 2})), one.of(&json!({"b": 2, "a": 1})));
        assert_ne!(one.of(&json!({"a": 1})), two.of(&json!({"a": 1})));
    }
}
