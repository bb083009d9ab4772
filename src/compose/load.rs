//! Files to one tree: each is read, interpolated and normalised, its `extends` and `include` followed, and the
//! files of the command line merged.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
};

use super::{
    InputKey, KeySort, Request, Source,
    environment::{Environment, Seen, unreadable},
    extends::Resolved,
    interpolate::interpolate,
    keys::walk,
    merge::{Replaced, merge, purge},
    normalise::normalise,
    notes::Notes,
    paths::folder,
    shape::Shape,
    specification::ROOT,
    tree::{File, Node, Place, Trail, Value, Written},
    yaml::documents,
};

/// Why a key of an earlier file is in the report as consumed.
const LATER: &str = "a later file says it anew";

/// What reading files leaves behind.
pub(super) struct Loader<'s> {
    pub(super) source: &'s dyn Source,
    pub(super) request: &'s Request,
    pub(super) notes: Notes,
    pub(super) seen: Seen,
    /// Keys that were used up.
    pub(super) consumed: Vec<InputKey>,
    /// Files that `extends` names, read once.
    pub(super) documents: HashMap<PathBuf, Option<Rc<Value>>>,
    /// Services with what they extend.
    pub(super) resolved: HashMap<(PathBuf, String), Option<Resolved>>,
}

/// Files that are being read, from the outermost: what names itself again is a cycle.
pub(super) type Stack = Vec<PathBuf>;

impl<'s> Loader<'s> {
    pub(super) fn new(source: &'s dyn Source, request: &'s Request) -> Self {
        Self {
            source,
            request,
            notes: Notes::default(),
            seen: Seen::default(),
            consumed: Vec::new(),
            documents: HashMap::new(),
            resolved: HashMap::new(),
        }
    }

    /// Files, merged in order. Their relative paths are relative to `base`.
    pub(super) fn merged(
        &mut self,
        files: &[PathBuf],
        base: &Path,
        environment: &Environment<'s>,
        stack: &mut Stack,
    ) -> Option<Value> {
        let mut whole: Option<Value> = None;
        for path in files {
            let Some(one) = self.whole_file(path, base, environment, stack, whole.as_ref()) else { continue };
            whole = Some(self.laid_over(whole, one));
        }
        whole
    }

    /// The later over the earlier, if there is one; what it replaces is noted.
    fn laid_over(&mut self, earlier: Option<Value>, later: Value) -> Value {
        let Some(earlier) = earlier else { return later };
        let mut replaced = Replaced::because(Some(LATER));
        let merged = merge(earlier, later, ROOT, "", &mut replaced);
        self.consumed.append(&mut replaced.keys);
        merged
    }

    /// One file with everything it extends and includes.
    fn whole_file(
        &mut self,
        path: &Path,
        base: &Path,
        environment: &Environment<'s>,
        stack: &mut Stack,
        earlier: Option<&Value>,
    ) -> Option<Value> {
        let file = Arc::new(File { name: path.display().to_string().into(), base: base.to_path_buf() });
        let place = Place::whole(&file);
        let text = match self.source.text(path) {
            Ok(text) => text,
            Err(problem) => {
                unreadable(path, &problem, &place, "", &mut self.notes);
                return None;
            }
        };
        let errors = self.notes.errors.len();
        let root = self.tree(&text, &file, environment);
        if root.as_ref().and_then(Value::map).is_none_or(BTreeMap::is_empty) {
            if self.notes.errors.len() == errors {
                super::version::no_services(&place, &mut self.notes);
            }
            return None;
        }
        let root = root?;
        if !super::version::check(&root, &mut self.notes) {
            return None;
        }
        let root = self.extend(root, path, environment, earlier);
        Some(self.include(root, environment, stack))
    }

    /// A text's documents, interpolated, normalised and merged.
    pub(super) fn tree(
        &mut self,
        text: &str,
        file: &Arc<File>,
        environment: &Environment<'s>,
    ) -> Option<Value> {
        let mut whole: Option<Value> = None;
        for mut document in documents(text, file, &mut self.notes) {
            if !matches!(document.node, Node::Map(_) | Node::Null) {
                let message = format!("a compose file is a mapping, not {}", document.sort());
                self.notes.error(&document.place, "", message, "it begins with `services:`");
                continue;
            }
            self.fill(&mut document, &Trail::Root, environment);
            normalise(&mut document, ROOT, &Trail::Root, &mut self.notes);
            whole = Some(self.laid_over(whole, document));
        }
        whole
    }

    /// Puts the variables into every text below.
    fn fill(&mut self, value: &mut Value, trail: &Trail<'_>, environment: &Environment<'s>) {
        match &mut value.node {
            Node::Map(map) => {
                for (key, entry) in map {
                    self.fill(&mut entry.value, &Trail::Key(trail, key), environment);
                }
            }
            Node::List(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.fill(item, &Trail::Index(trail, index), environment);
                }
            }
            Node::Text(text) if text.contains('$') => {
                let outcome = interpolate(text, &|name| environment.get(name));
                match outcome {
                    Ok(outcome) => {
                        self.seen.note(&outcome, environment, &value.place);
                        let variables = outcome.used.into_iter().map(|(name, _)| name).collect();
                        let text = std::mem::replace(text, outcome.text);
                        value.written = Some(Arc::new(Written { text, variables }));
                    }
                    Err(error) => {
                        let hint = "a dollar sign that is meant as one is written `$$`";
                        let hint = if error.is_about_the_grammar() {
                            hint
                        } else {
                            "set it in `.env` or in the environment"
                        };
                        self.notes.error(&value.place, &trail.path(), error.to_string(), hint);
                    }
                }
            }
            _ => {}
        }
    }

    /// Lists a value that is used up.
    pub(super) fn consume(
        &mut self,
        value: &Value,
        place: &Place,
        shape: Shape,
        path: &str,
        how: &'static str,
    ) {
        walk(value, place, shape, path, Some(KeySort::Consumed(how)), &mut self.consumed);
    }

    /// The text of a file that another file names; said where it is named when it cannot be read.
    pub(super) fn named_text(&mut self, written: &Value, path: &str) -> Option<(PathBuf, String)> {
        let name = written.scalar().unwrap_or_default();
        let found = self.located(written, path)?;
        if name.contains("://") || name.starts_with("oci:") || name.starts_with("git@") {
            self.notes.error(
                &written.place,
                path,
                "files of other machines are not fetched",
                "fetch it, and name the copy",
            );
            return None;
        }
        match self.source.text(&found) {
            Ok(text) => Some((found, text)),
            Err(problem) => {
                unreadable(&found, &problem, &written.place, path, &mut self.notes);
                None
            }
        }
    }

    /// Where a written path leads, when that may be read.
    pub(super) fn located(&mut self, written: &Value, path: &str) -> Option<PathBuf> {
        let Some(text) = written.scalar() else {
            let message = format!("a path is expected here, not {}", written.sort());
            self.notes.error(&written.place, path, message, "");
            return None;
        };
        let location = super::paths::locate(&written.place.file.base, &text);
        if let Some(found) = location.within(self.request.above) {
            return Some(found.to_path_buf());
        }
        let message = format!("`{}` is outside of the project, and is not read", written.as_written());
        self.notes.error(&written.place, path, message, "copy what is needed into the project's folder");
        None
    }

    /// Empties what `!reset` says.
    pub(super) fn purge(&mut self, root: &mut Value) {
        purge(root, &Trail::Root, &mut self.consumed);
    }

    /// The folder that a file's relative paths are relative to, when nothing else is said.
    pub(super) fn base_of(path: &Path) -> PathBuf {
        folder(path)
    }
}
