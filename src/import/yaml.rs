//! YAML as people read it: keys in the order of writing, comments where one must know why, quotes only where
//! they are needed.

pub(super) use super::yaml_text::document;

/// A value to be written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Yaml {
    /// A number or a truth: written as it is.
    Plain(String),
    /// A text: quoted where it must be, as a block where it has lines.
    Text(String),
    /// A list, a line each.
    List(Vec<Yaml>),
    /// A list on one line.
    Row(Vec<Yaml>),
    /// A mapping.
    Map(Map),
}

/// A mapping in the order of writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Map {
    pub(super) entries: Vec<Entry>,
    pub(super) is_on_one_line: bool,
    pending: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) comment: String,
    pub(super) key: String,
    pub(super) value: Yaml,
}

impl Map {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// With one more key.
    pub(super) fn with(mut self, key: impl Into<String>, value: impl Into<Yaml>) -> Self {
        self.put(key, value);
        self
    }

    /// With one more key, where there is a value for it: not nothing, no empty list or mapping.
    pub(super) fn with_some<T: Into<Yaml>>(self, key: &str, value: Option<T>) -> Self {
        match value.map(Into::into) {
            None => self,
            Some(Yaml::List(list) | Yaml::Row(list)) if list.is_empty() => self,
            Some(Yaml::Map(map)) if map.is_empty() => self,
            Some(value) => self.with(key, value),
        }
    }

    /// With a comment above the next key.
    pub(super) fn note(mut self, comment: impl AsRef<str>) -> Self {
        if !self.pending.is_empty() && !comment.as_ref().is_empty() {
            self.pending.push('\n');
        }
        self.pending.push_str(comment.as_ref());
        self
    }

    pub(super) fn put(&mut self, key: impl Into<String>, value: impl Into<Yaml>) {
        let comment = std::mem::take(&mut self.pending);
        self.entries.push(Entry { comment, key: key.into(), value: value.into() });
    }

    /// Written as `{a: 1, b: 2}`.
    pub(super) fn on_one_line(mut self) -> Self {
        self.is_on_one_line = true;
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// A mapping on one line.
pub(super) fn row<const N: usize>(entries: [(&str, Yaml); N]) -> Map {
    entries.into_iter().fold(Map::new(), |map, (key, value)| map.with(key, value)).on_one_line()
}

/// A text.
pub(super) fn text(value: impl Into<String>) -> Yaml {
    Yaml::Text(value.into())
}

/// A list of texts: on one line, unless one of them has lines.
pub(super) fn texts<T: Into<String>>(values: impl IntoIterator<Item = T>) -> Yaml {
    let values: Vec<String> = values.into_iter().map(Into::into).collect();
    let has_lines = values.iter().any(|value| value.contains('\n'));
    let values = values.into_iter().map(text).collect();
    if has_lines { Yaml::List(values) } else { Yaml::Row(values) }
}

/// Several documents in one file.
pub(super) fn documents(documents: &[String]) -> String {
    documents.join("---\n")
}

impl From<&str> for Yaml {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<&String> for Yaml {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<String> for Yaml {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Map> for Yaml {
    fn from(value: Map) -> Self {
        Self::Map(value)
    }
}

impl<T: Into<Yaml>> From<Vec<T>> for Yaml {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

macro_rules! plain {
    ($($of:ty),*) => {$(
        impl From<$of> for Yaml {
            fn from(value: $of) -> Self {
                Self::Plain(value.to_string())
            }
        }
    )*};
}
plain!(bool, u16, u32, u64, i64);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::yaml_text::scalar;
    use super::{Map, Yaml, document, row, text, texts};

    fn read(yaml: &str) -> Value {
        serde_saphyr::from_str(yaml).unwrap()
    }

    #[test]
    fn it_is_written_as_a_person_would() {
        let probe = Map::new().with("httpGet", row([("path", text("/healthz")), ("port", text("http"))]));
        let map = Map::new()
            .with("name", "web")
            .note("It says why.")
            .with("ports", vec![row([("name", text("http")), ("containerPort", 8080_u16.into())])])
            .with("probes", vec![probe.with("periodSeconds", 5_u32)])
            .with("drop", texts(["ALL"]))
            .with("script", "one\ntwo\n");
        assert_eq!(
            document("Above all.", &map),
            "# Above all.\nname: web\n# It says why.\nports:\n  - {name: http, containerPort: 8080}\nprobes:\n  \
             - httpGet: {path: /healthz, port: http}\n    periodSeconds: 5\ndrop: [ALL]\nscript: |\n  one\n  two\n"
        );
    }

    #[test]
    fn what_would_be_read_as_something_else_is_quoted() {
        for word in [
            "yes",
            "No",
            "on",
            "1e3",
            "0x1F",
            "16",
            "1.27",
            "1.2.3",
            "2026-01-01",
            "12:30:45",
            "null",
            "~",
            "",
            "a: b",
            "a #b",
            "-",
            "*x",
            "{a",
            "true",
            ".5",
            "+1",
        ] {
            assert!(scalar(word, false).starts_with('"'), "{word}");
        }
        for word in ["16-alpine", "100m", "1Gi", "/healthz", "ghcr.io/acme/web:1", "a,b", "x=y", "ALL"] {
            assert_eq!(scalar(word, false), word);
        }
        assert_eq!(scalar("a,b", true), "\"a,b\"");
    }

    proptest! {
        #[test]
        fn a_text_is_read_back_as_it_was(key in "\\PC{1,12}", value in "(?s).{0,40}") {
            let map = Map::new().with(key.clone(), value.clone());
            let list = Map::new().with("list", Yaml::Row(vec![text(value.clone())]));
            // A lone carriage return is a line's end to YAML wherever it stands unescaped; here it never does.
            prop_assert_eq!(read(&document("", &map)), json!({ key: value.clone() }));
            prop_assert_eq!(read(&document("", &list)), json!({ "list": [value] }));
        }
    }
}
