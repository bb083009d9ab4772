//! What the parts of an import share while it is made.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    Options, gaps::Ledger, hidden, mentions::Mentions, names::Names, secrecy, secret_values::SecretValues,
    services::Link,
};
use crate::compose::{Origin, Project};

/// Something that the files do not say and only a person can answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// What it is about, as a service's name.
    pub subject: String,
    /// Where in the input it comes from; none when it is about the whole.
    pub origin: Option<Origin>,
    /// The question.
    pub question: String,
    /// What the manifests say until it is answered.
    pub meanwhile: String,
}

/// A Secret or ConfigMap that is made by hand, because its content is not to be written or not known.
#[derive(Clone, Debug, Default)]
pub(super) struct ByHand {
    /// Its keys, and where the value of each comes from, in words without a value.
    pub(super) keys: BTreeMap<String, String>,
    /// Made of files, and not of an env file?
    pub(super) is_of_files: bool,
    /// A ConfigMap, and no Secret?
    pub(super) is_config_map: bool,
}

/// A ConfigMap that kustomize makes of files in the tree.
#[derive(Clone, Debug, Default)]
pub(super) struct Generated {
    /// Key and path, relative to `base`.
    pub(super) files: BTreeMap<String, String>,
    /// The text of all of them, in bytes.
    pub(super) size: usize,
}

/// What the parts of an import share while it is made.
pub(super) struct Desk<'a> {
    pub(super) project: &'a Project,
    pub(super) options: &'a Options,
    pub(super) names: Names,
    pub(super) mentions: Mentions,
    pub(super) ledger: Ledger,
    pub(super) questions: Vec<Question>,
    /// By the name of the Secret or ConfigMap.
    pub(super) by_hand: BTreeMap<String, ByHand>,
    /// By the name of the ConfigMap.
    pub(super) generated: BTreeMap<String, Generated>,
    /// The files that it is made of, by path relative to `base`.
    pub(super) copies: BTreeMap<String, String>,
    /// The folder that a ConfigMap is made of, as it was written, by the ConfigMap's name.
    pub(super) folders: BTreeMap<String, String>,
    /// Dockerfiles that were in a compose file, by path beside the plan.
    pub(super) dockerfiles: BTreeMap<String, String>,
    /// Values that must not be written anywhere.
    pub(super) secret_values: SecretValues,
    /// Secret variables (`${DB_PASSWORD}`), by the path of the text that names them.
    pub(super) secret_uses: BTreeMap<String, Vec<String>>,
    /// Volumes with data that has to be moved: the claim's name, and what it was.
    pub(super) data: BTreeMap<String, String>,
    /// Claims that are objects of their own: name, and whether several pods write them.
    pub(super) shared_claims: BTreeMap<String, bool>,
    /// Services that week 4 takes the place of.
    pub(super) replaced: BTreeSet<String>,
    /// Names that others' links have for a service, by that service.
    pub(super) links: BTreeMap<String, Vec<Link>>,
}

/// Secret variables by the paths of the texts that name them.
pub(super) fn secret_uses(project: &Project) -> BTreeMap<String, Vec<String>> {
    let mut uses: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, variable) in project.variables.iter().filter(|(name, _)| secrecy::is_secret_name(name)) {
        for used in &variable.uses {
            uses.entry(used.path.clone()).or_default().push(name.clone());
        }
    }
    uses
}

/// Names that are told one by one; of more, how many there are.
const MOST_NAMED: usize = 20;

/// Names, the first of them one by one.
pub(super) fn some<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let mut names = names.into_iter();
    let first: Vec<T> = names.by_ref().take(MOST_NAMED).collect();
    let told = first.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(", ");
    let more = names.count();
    if more > 0 { format!("{told} and {more} more") } else { told }
}

impl Desk<'_> {
    pub(super) fn ask(
        &mut self,
        subject: &str,
        origin: Option<&Origin>,
        question: impl Into<String>,
        meanwhile: impl Into<String>,
    ) {
        self.questions.push(Question {
            subject: subject.to_owned(),
            origin: origin.cloned(),
            question: question.into(),
            meanwhile: meanwhile.into(),
        });
    }

    /// A key of a Secret that is made by hand.
    pub(super) fn needs_secret(
        &mut self,
        secret: &str,
        key: &str,
        from: impl Into<String>,
        is_of_files: bool,
    ) {
        let need = self.by_hand.entry(secret.to_owned()).or_default();
        need.is_of_files |= is_of_files;
        need.keys.entry(key.to_owned()).or_insert_with(|| from.into());
    }

    /// The secret variables that the texts at and below this path name.
    pub(super) fn secrets_named_at(&self, path: &str) -> Vec<String> {
        let below = self.secret_uses.range(path.to_owned()..);
        let is_in = |used: &str| {
            used.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        below
            .take_while(|(used, _)| used.starts_with(path))
            .filter(|(used, _)| is_in(used))
            .flat_map(|(_, names)| names.clone())
            .collect()
    }

    /// Is there anything in the text that looks secret, or is known to be?
    pub(super) fn tells_secret(&self, text: &str) -> bool {
        let words: Vec<String> = text.split([' ', ',', '[', ']', '"', '\'']).map(str::to_owned).collect();
        self.holds_secret(text)
            || secrecy::is_secret_text(text)
            || !hidden::find(&words, &SecretValues::default()).is_empty()
    }

    /// Does the text hold a value that must not be written?
    pub(super) fn holds_secret(&self, text: &str) -> bool {
        self.secret_values.are_in(text)
    }
}
