//! An image's name, taken apart as kustomize does.

use std::fmt;

/// Name, tag and digest of an image, as in `ghcr.io/acme/gateway:1.4.2@sha256:…`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageName {
    /// Registry and repository, as written.
    pub name: String,
    /// Behind the colon.
    pub tag: Option<String>,
    /// Behind the `@`, as in `sha256:…`.
    pub digest: Option<String>,
}

impl ImageName {
    /// Takes a text apart. Whether it can be an image at all is for the registry's client to say.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (text, None),
        };
        let (folder, last) = rest.rsplit_once('/').map_or(("", rest), |(folder, last)| (folder, last));
        let (last, tag) = match last.split_once(':') {
            Some((last, tag)) => (last, Some(tag.to_owned())),
            None => (last, None),
        };
        let name = if folder.is_empty() { last.to_owned() } else { format!("{folder}/{last}") };
        Self { name, tag, digest }
    }

    /// The tag that is pulled without a digest.
    #[must_use]
    pub fn tag_or_latest(&self) -> &str {
        self.tag.as_deref().unwrap_or("latest")
    }

    /// The same without its digest: what the tag names now.
    #[must_use]
    pub fn by_tag(&self) -> Self {
        Self { digest: None, ..self.clone() }
    }

    /// Does only a digest say what is pulled?
    #[must_use]
    pub fn is_by_digest_alone(&self) -> bool {
        self.digest.is_some() && self.tag.is_none()
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::ImageName;

    #[test]
    fn a_port_is_no_tag() {
        for (text, name, tag, digest) in [
            ("nginx", "nginx", None, None),
            ("localhost:5000/a/b", "localhost:5000/a/b", None, None),
            ("localhost:5000/a:1.2", "localhost:5000/a", Some("1.2"), None),
            ("ghcr.io/a/b:1@sha256:ff", "ghcr.io/a/b", Some("1"), Some("sha256:ff")),
            ("a@sha256:ff", "a", None, Some("sha256:ff")),
        ] {
            let parsed = ImageName::parse(text);
            assert_eq!(
                (parsed.name.as_str(), parsed.tag.as_deref(), parsed.digest.as_deref()),
                (name, tag, digest)
            );
            assert_eq!(parsed.to_string(), text);
        }
    }
}
