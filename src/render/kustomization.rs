//! What one kustomization file names: files, folders, remote bases, and what is refused outright.

use crate::plan::node::{self, Item, Place};

/// Names that kustomize looks for, in its order.
pub const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Something that a kustomization names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// As written, without a `key=` in front.
    pub(super) source: String,
    /// Where.
    pub(super) place: Place,
    /// The path within the document.
    pub(super) path: String,
    /// What it must be.
    pub(super) sort: EntrySort,
}

/// What an entry must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntrySort {
    /// A file or a folder with a kustomization.
    Resource,
    /// A folder with a kustomization.
    Folder,
    /// A file.
    File,
    /// A file that a Secret is made of.
    SecretFile,
}

/// A field that no step may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) field: &'static str,
    pub(super) place: Place,
}

/// Everything that a kustomization names.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) entries: Vec<Entry>,
    pub(super) refused: Vec<Refused>,
    /// Values written into the file itself that become a Secret's.
    pub(super) secret_literals: Vec<String>,
}

/// Charts are fetched and templated by programs of their own; kustomize runs them only when told to, and
/// it never is.
const HELM_FIELDS: [&str; 3] = ["helmCharts", "helmChartInflationGenerator", "helmGlobals"];

/// Reads what a kustomization file names. What it does not understand is left to kustomize itself.
pub(super) fn contents(root: &Item) -> Contents {
    let mut contents = Contents::default();
    let mut list = |field: &str, sort: EntrySort| {
        for (index, item) in
            root.value.get(field).map(|list| list.value.items()).unwrap_or_default().iter().enumerate()
        {
            if let Some(text) = item.value.text().filter(|text| !is_inline(text)) {
                contents.entries.push(entry(text, item, format!("{field}[{index}]"), sort));
            }
        }
    };
    for (field, sort) in [
        ("resources", EntrySort::Resource),
        ("bases", EntrySort::Folder),
        ("components", EntrySort::Folder),
        ("crds", EntrySort::File),
        ("configurations", EntrySort::File),
        ("patchesStrategicMerge", EntrySort::File),
        ("generators", EntrySort::Resource),
        ("transformers", EntrySort::Resource),
        ("validators", EntrySort::Resource),
    ] {
        list(field, sort);
    }
    for field in ["patches", "patchesJson6902", "replacements"] {
        for (index, item) in items(root, field) {
            push_path(&mut contents, item, "path", &format!("{field}[{index}]"), EntrySort::File);
        }
    }
    if let Some(openapi) = root.value.get("openapi") {
        push_path(&mut contents, openapi, "path", "openapi", EntrySort::File);
    }
    for field in ["configMapGenerator", "secretGenerator"] {
        for (index, item) in items(root, field) {
            generator(&mut contents, item, &format!("{field}[{index}]"), field == "secretGenerator");
        }
    }
    for field in ["generators", "transformers", "validators"] {
        for (index, item) in items(root, field) {
            if let Some(inline) = item.value.text().filter(|text| is_inline(text)) {
                let named = entry("", item, format!("{field}[{index}]"), EntrySort::Resource);
                for document in node::parse_all(inline).unwrap_or_default() {
                    let found = plugin(&document, &named);
                    contents.entries.extend(found.entries);
                    contents.refused.extend(found.refused);
                    contents.secret_literals.extend(found.secret_literals);
                }
            }
        }
    }
    for field in HELM_FIELDS {
        if let Some(item) = root.value.get(field) {
            contents.refused.push(Refused { field, place: Place::of(item) });
        }
    }
    contents
}

/// Would kustomize fetch this? Its own rules (api/internal/git/repospec.go), made a little wider.
pub(super) fn is_remote(source: &str) -> bool {
    let lower = source.to_ascii_lowercase();
    let first = lower.split('/').next().unwrap_or_default();
    lower.contains("://")
        || lower.contains("?ref=")
        || lower.contains("?version=")
        || lower.trim_start_matches('/').contains("//")
        || lower.contains(".git/")
        || lower.strip_suffix(".git").is_some()
        || lower.contains("/_git/")
        || first.contains('@')
        || first.contains(':')
        || ["github.com", "gitlab.com", "bitbucket.org", "dev.azure.com", "ssh.github.com", "www.github.com"]
            .contains(&first)
}

fn items<'n>(root: &'n Item, field: &str) -> impl Iterator<Item = (usize, &'n Item)> {
    root.value.get(field).map(|list| list.value.items()).unwrap_or_default().iter().enumerate()
}

fn entry(source: &str, item: &Item, path: String, sort: EntrySort) -> Entry {
    Entry { source: source.to_owned(), place: Place::of(item), path, sort }
}

/// YAML in the place of a file's name.
fn is_inline(text: &str) -> bool {
    text.contains('\n') || text.trim_start().starts_with('{')
}

fn push_path(contents: &mut Contents, item: &Item, field: &str, path: &str, sort: EntrySort) {
    if let Some(found) = item.value.get(field)
        && let Some(text) = found.value.text()
    {
        contents.entries.push(entry(text, found, format!("{path}.{field}"), sort));
    }
}

fn generator(contents: &mut Contents, item: &Item, path: &str, secret: bool) {
    let sort = if secret { EntrySort::SecretFile } else { EntrySort::File };
    for field in ["files", "envs"] {
        for (index, found) in items(item, field) {
            let Some(text) = found.value.text() else { continue };
            // `key=path`; an env file has no key.
            let source =
                if field == "files" { text.split_once('=').map_or(text, |(_, path)| path) } else { text };
            contents.entries.push(entry(source, found, format!("{path}.{field}[{index}]"), sort));
        }
    }
    push_path(contents, item, "env", path, sort);
    if secret {
        let literals = items(item, "literals").filter_map(|(_, literal)| literal.value.text());
        contents.secret_literals.extend(literals.map(str::to_owned));
    }
}

/// What the configuration of a generator, transformer or validator names: it loads files as a
/// kustomization does, URLs too. `entry` is how the kustomization names it.
pub(super) fn plugin(document: &Item, entry: &Entry) -> Contents {
    let mut contents = Contents::default();
    let kind = document.value.get("kind").and_then(|kind| kind.value.text());
    if kind == Some("HelmChartInflationGenerator") {
        contents.refused.push(Refused { field: "HelmChartInflationGenerator", place: entry.place });
    }
    generator(&mut contents, document, &entry.path, kind == Some("SecretGenerator"));
    push_path(&mut contents, document, "path", &entry.path, EntrySort::File);
    for (index, item) in items(document, "paths") {
        if let Some(text) = item.value.text().filter(|text| !is_inline(text)) {
            contents.entries.push(self::entry(
                text,
                item,
                format!("{}.paths[{index}]", entry.path),
                EntrySort::File,
            ));
        }
    }
    for (index, item) in items(document, "replacements") {
        push_path(
            &mut contents,
            item,
            "path",
            &format!("{}.replacements[{index}]", entry.path),
            EntrySort::File,
        );
    }
    // Its own lines are in another text.
    for found in &mut contents.entries {
        found.place = entry.place;
    }
    contents
}

/// Is it the configuration of a generator, transformer or validator that kustomize brings along? Others are
/// programs, which it runs only when told to, and it never is.
pub(super) fn is_plugin(document: &Item) -> bool {
    document.value.get("apiVersion").and_then(|version| version.value.text()) == Some("builtin")
}

#[cfg(test)]
mod tests {
    use super::{contents, is_remote};
    use crate::plan::node::parse;

    #[test]
    fn remote_sources_are_told_from_paths() {
        for remote in [
            "https://example.com/x.yaml",
            "http://example.com/x.yaml",
            "github.com/a/b",
            "GitHub.com/a/b//c?ref=v1",
            "git@github.com:a/b.git",
            "ssh://git@host/a",
            "git::https://x/y",
            "x.example/a/b.git",
            "file:///etc",
            "host:a/b",
            "a//b",
            "gitlab.com/a/b",
        ] {
            assert!(is_remote(remote), "{remote}");
        }
        for local in
            ["../../base", "configmap.yml", "./a/b", "patches/github.com.yml", "a.b/c", ".gitignore.yml"]
        {
            assert!(!is_remote(local), "{local}");
        }
    }

    #[test]
    fn every_field_that_names_a_file_is_read() {
        let text = "
resources: [a1, {no: text}]
bases: [a2]
components: [a3]
crds: [a4]
configurations: [a5]
patchesStrategicMerge: [a6, \"kind: A\\nmetadata: {name: x}\"]
generators: [a7]
transformers: [a8, \"kind: P\\npath: https://x/y\\npaths: [../c1]\"]
validators: [a9]
patches: [{path: b1}, {patch: inline}]
patchesJson6902: [{path: b2}]
replacements: [{path: b3}]
openapi: {path: b4}
configMapGenerator: [{files: [b5, key=b6], envs: [b7], env: b8}]
secretGenerator: [{files: [b9], literals: [password=CANARY]}]
helmCharts: [{name: x}]
";
        let found = contents(&parse(text).unwrap());
        let mut sources: Vec<&str> = found.entries.iter().map(|entry| entry.source.as_str()).collect();
        sources.sort_unstable();
        let wanted = "../c1 a1 a2 a3 a4 a5 a6 a7 a8 a9 b1 b2 b3 b4 b5 b6 b7 b8 b9 https://x/y";
        assert_eq!(sources.join(" "), wanted);
        assert_eq!(found.secret_literals, ["password=CANARY"]);
        assert_eq!(found.refused.len(), 1);
    }
}
