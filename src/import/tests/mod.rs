//! Every mapping, from a compose file to what is written and what is told.

mod data;
mod entries;
mod pods;
mod reach;
mod secrets;
mod whole;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::Value;

use super::{Fate, Imported, Options, import};
use crate::compose::{self, Found, Request, Source, Unreadable};

/// Files that are nowhere but here.
struct Files(BTreeMap<PathBuf, String>);

impl Source for Files {
    fn text(&self, path: &Path) -> Result<String, Unreadable> {
        self.0.get(path).cloned().ok_or(Unreadable::Missing)
    }

    fn look(&self, path: &Path, _: bool) -> Found {
        match self.0.get(path) {
            Some(text) => Found::Text(Arc::from(text.as_str())),
            None => compose::listed(path, self.0.iter()),
        }
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }
}

/// What a compose file in a folder `shop` becomes, with other files beside it.
pub(super) fn with_files(compose: &str, others: &[(&str, &str)]) -> Imported {
    let mut files = BTreeMap::from([(PathBuf::from("compose.yaml"), compose.to_owned())]);
    files.extend(others.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())));
    let request = Request { folder_name: "shop".to_owned(), ..Request::default() };
    let reading = compose::read(&Files(files), &request).unwrap_or_else(|errors| panic!("{errors:#?}"));
    import(&reading.project, &Options::default()).unwrap()
}

/// What a compose file becomes that has these lines as its services.
pub(super) fn services(text: &str) -> Imported {
    with_files(&format!("services:\n{text}"), &[])
}

impl Imported {
    #[track_caller]
    fn text(&self, path: &str) -> &str {
        self.files.get(path).unwrap_or_else(|| panic!("no {path}: {:?}", self.files.keys()))
    }

    /// The documents of a file of the base.
    #[track_caller]
    fn base(&self, name: &str) -> Vec<Value> {
        serde_saphyr::from_multiple(self.text(&format!("kubernetes/base/{name}"))).unwrap()
    }

    /// The pod of a workload, as in `web-deployment`.
    #[track_caller]
    fn pod(&self, name: &str) -> Value {
        self.base(&format!("{name}.yml"))[0]["spec"]["template"]["spec"].clone()
    }

    #[track_caller]
    fn container(&self, name: &str) -> Value {
        self.pod(name)["containers"][0].clone()
    }

    /// What became of a key.
    #[track_caller]
    fn fate(&self, path: &str) -> (Fate, &str) {
        let found: Vec<_> =
            self.gaps.keys.iter().filter(|gap| gap.path == path && gap.fate != Fate::Read).collect();
        let [gap] = found.as_slice() else {
            panic!(
                "{path}: {found:#?} of {:#?}",
                self.gaps.keys.iter().map(|gap| &gap.path).collect::<Vec<_>>()
            )
        };
        (gap.fate, &gap.text)
    }

    fn asks(&self, words: &str) -> bool {
        self.questions.iter().any(|question| question.question.contains(words))
    }

    fn notes(&self, words: &str) -> bool {
        self.gaps.notes.iter().any(|note| note.text.contains(words))
    }
}
