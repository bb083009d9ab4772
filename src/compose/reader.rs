//! From the merged tree to the model: what all readers share.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::{Path, PathBuf},
    rc::Rc,
};

use super::{
    EnvironmentValue, Found, InputKey, KeySort, Request, Source,
    at::At,
    env_file::{EnvError, EnvLine, env_file, raw_env_file},
    environment::{Environment, unreadable},
    notes::Notes,
    paths::locate,
    tree::{Node, below},
};

type EnvText = Rc<(Vec<EnvLine>, Vec<EnvError>)>;

/// Reads the model, and collects what is wrong.
pub(super) struct Reader<'s> {
    pub(super) source: &'s dyn Source,
    pub(super) request: &'s Request,
    pub(super) environment: Environment<'s>,
    pub(super) notes: Notes,
    /// Variables of env files: keys of a report as any other.
    /// Was everything read that the files name? Else what is absent is no error.
    pub(super) is_whole: bool,
    keys: Vec<InputKey>,
    superseded: HashSet<(String, u64)>,
    found: HashMap<(PathBuf, bool), Found>,
    env_files: HashMap<(PathBuf, bool), Option<EnvText>>,
}

/// Variables of a container, by name.
type Variables = BTreeMap<String, EnvironmentValue>;

impl<'s> Reader<'s> {
    pub(super) fn new(
        source: &'s dyn Source,
        request: &'s Request,
        environment: Environment<'s>,
        notes: Notes,
    ) -> Self {
        let (found, env_files) = (HashMap::new(), HashMap::new());
        Self {
            source,
            request,
            environment,
            notes,
            is_whole: true,
            keys: Vec::new(),
            superseded: HashSet::new(),
            found,
            env_files,
        }
    }

    /// What is at a path inside of the project.
    pub(super) fn found(&mut self, inside: Option<&Path>, with_content: bool) -> Found {
        let Some(path) = inside else { return Found::Outside };
        let key = (path.to_path_buf(), with_content);
        self.found.entry(key).or_insert_with(|| self.source.look(path, with_content)).clone()
    }

    /// `env_file` and `environment`.
    pub(super) fn variables(&mut self, service: &At<'_>) -> (Vec<super::Placed<super::EnvFile>>, Variables) {
        let mut variables = Variables::new();
        let mut files = Vec::new();
        if let Some(listed) = service.get("env_file") {
            for item in listed.items(&mut self.notes) {
                files.extend(self.env_file(&item, &mut variables));
            }
        }
        if let Some(own) = service.get("environment") {
            for (name, value) in own.entries(&mut self.notes) {
                let found = self.variable(name, &value);
                if let Some(earlier) = variables.insert(name.to_owned(), found) {
                    self.supersede(&earlier);
                }
            }
        }
        (files, variables)
    }

    fn variable(&mut self, name: &str, at: &At<'_>) -> EnvironmentValue {
        let value = match at.value.node {
            Node::Null => self.environment.get(name),
            _ => at.text(&mut self.notes),
        };
        EnvironmentValue {
            value: value.map(|value| at.placed(value)),
            named: at.placed(()),
            from_file: false,
            variables: at.value.variables().to_vec(),
        }
    }

    fn env_file(&mut self, at: &At<'_>, variables: &mut Variables) -> Option<super::Placed<super::EnvFile>> {
        let named = at.get("path");
        let written = named.as_ref().unwrap_or(at).text(&mut self.notes)?;
        let is_required =
            at.get("required").is_none_or(|required| required.boolean(&mut self.notes).unwrap_or(true));
        let is_raw = match at.get("format").and_then(|format| format.text(&mut self.notes)).as_deref() {
            None => false,
            Some("raw") => true,
            Some(_) => {
                at.error("an env file's `format` is `raw` or nothing", "", &mut self.notes);
                return None;
            }
        };
        let location = locate(&at.value.place.file.base, &written);
        let Some(path) = location.within(self.request.above).map(Path::to_path_buf) else {
            let message = format!("`{written}` is outside of the project, and is not read");
            let hint = "its variables are not known here; copy it into the project's folder";
            self.notes.warn(&at.value.place, &at.path, message, hint);
            return Some(at.placed(super::EnvFile { path: written.into(), is_required }));
        };
        if let Some(text) = self.env_text(&path, is_raw, is_required, at) {
            let file = path.display().to_string();
            for line in &text.0 {
                self.add_line(line, &file, at, variables);
            }
        }
        Some(at.placed(super::EnvFile { path, is_required }))
    }

    fn env_text(&mut self, path: &Path, is_raw: bool, is_required: bool, at: &At<'_>) -> Option<EnvText> {
        let key = (path.to_path_buf(), is_raw);
        if let Some(known) = self.env_files.get(&key)
            && (known.is_some() || !is_required)
        {
            return known.clone();
        }
        let read = match self.source.text(path) {
            Ok(text) => {
                let lookup = |name: &str| self.environment.get(name);
                let read = if is_raw { raw_env_file(&text) } else { env_file(&text, &lookup) };
                for error in &read.1 {
                    let file = path.display().to_string();
                    let origin = super::Origin { file: file.into(), line: error.line, column: 1 };
                    self.notes.error(&origin, &at.path, &error.message, "");
                }
                Some(Rc::new(read))
            }
            Err(super::Unreadable::Missing) if !is_required => None,
            Err(problem) => {
                unreadable(path, &problem, &at.value.place, &at.path, &mut self.notes);
                None
            }
        };
        self.env_files.insert(key, read.clone());
        read
    }

    fn add_line(&mut self, line: &EnvLine, file: &str, at: &At<'_>, variables: &mut Variables) {
        let origin = super::Origin { file: file.into(), line: line.line, column: 1 };
        let path = below(&at.path, &line.name);
        let placed = |value| super::Placed { value, origin: origin.clone(), path: path.clone() };
        let value = line.value.clone().or_else(|| self.environment.get(&line.name)).map(placed);
        let named = super::Placed { value: (), origin: origin.clone(), path: path.clone() };
        self.keys.push(InputKey {
            path: path.clone(),
            origin: origin.clone(),
            shown: None,
            sort: KeySort::Known,
        });
        let found = EnvironmentValue { value, named, from_file: true, variables: line.variables.clone() };
        if let Some(earlier) = variables.insert(line.name.clone(), found) {
            self.supersede(&earlier);
        }
    }

    /// A variable of an env file that something later sets anew.
    fn supersede(&mut self, earlier: &EnvironmentValue) {
        if earlier.from_file {
            self.superseded.insert((earlier.named.path.clone(), earlier.named.origin.line));
        }
    }

    /// The keys of env files, and what was set anew as such.
    pub(super) fn take_keys(&mut self) -> Vec<InputKey> {
        let mut keys = std::mem::take(&mut self.keys);
        for key in &mut keys {
            if self.superseded.contains(&(key.path.clone(), key.origin.line)) {
                key.sort = KeySort::Consumed("it is set anew by `environment` or a later env file");
            }
        }
        keys
    }
}
