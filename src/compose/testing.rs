//! Projects from texts, for tests.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{Found, Reading, Refused, Request, Source, Unreadable, read};

/// Files and variables that are only here.
#[derive(Default)]
pub(crate) struct Texts {
    files: BTreeMap<PathBuf, String>,
    variables: BTreeMap<String, String>,
}

impl Texts {
    /// Files by path.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())).collect();
        Self { files, variables: BTreeMap::new() }
    }

    /// The same with a variable of the process.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// What compose would read.
    pub(crate) fn read(&self, request: &Request) -> Result<Reading, Refused> {
        read(self, request)
    }
}

impl Source for Texts {
    fn text(&self, path: &Path) -> Result<String, Unreadable> {
        self.files.get(path).cloned().ok_or(Unreadable::Missing)
    }

    fn look(&self, path: &Path, with_content: bool) -> Found {
        match self.files.get(path) {
            Some(text) if with_content => Found::Text(text.as_str().into()),
            Some(text) => Found::Bytes(u64::try_from(text.len()).unwrap_or_default()),
            None => super::listed(path, self.files.iter()),
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

/// A project of one file.
pub(crate) fn project_of(text: &str) -> Reading {
    let request = Request { folder_name: "project".into(), ..Request::default() };
    Texts::new(&[("compose.yaml", text)]).read(&request).unwrap_or_else(|refused| {
        let lines: Vec<String> = refused.errors.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    })
}

mod tests {
    use std::{collections::BTreeSet, fmt::Write as _};

    use proptest::prelude::*;

    use super::*;
    use crate::compose::VariableSource;

    #[test]
    fn the_process_comes_before_the_env_file() {
        let text = "services: {web: {image: \"a:${TAG}\"}}\n";
        let texts = Texts::new(&[("compose.yaml", text), (".env", "TAG=1\n")]);
        let image = |texts: &Texts| {
            let project = texts.read(&Request::default()).unwrap().project;
            let image = project.services.get("web").unwrap().image.clone().unwrap().value;
            (image, project.variables.get("TAG").unwrap().source.clone())
        };
        let (of_file, source) = image(&texts);
        assert_eq!(of_file, "a:1");
        assert!(matches!(source, VariableSource::File(origin) if origin.line == 1));
        assert_eq!(image(&texts.with("TAG", "2")), ("a:2".into(), VariableSource::Process));
    }

    #[test]
    fn the_surroundings_choose_files_profiles_and_the_name() {
        let text = "services: {web: {image: a}, debug: {image: b, profiles: [debug]}}\n";
        let texts = Texts::new(&[("other.yaml", text), ("more.yaml", "services: {web: {tty: true}}\n")])
            .with("COMPOSE_FILE", "other.yaml:more.yaml")
            .with("COMPOSE_PROFILES", "debug")
            .with("COMPOSE_PROJECT_NAME", "Mine!");
        let project = texts.read(&Request::default()).unwrap().project;
        assert_eq!(project.name, "mine");
        assert_eq!(project.services.len(), 2);
        assert!(project.services["web"].tty.as_ref().unwrap().value);
    }

    #[test]
    fn what_leaves_the_operators_folders_is_not_read() {
        let text = "services: {web: {image: a, env_file: ../app.env}}\n";
        let texts = Texts::new(&[("compose.yaml", text), ("../app.env", "A=1\n")]);
        let closed = texts.read(&Request::default()).unwrap();
        assert!(closed.project.services["web"].environment.is_empty());
        assert!(closed.warnings[0].message.contains("outside"), "{:?}", closed.warnings);
        let open = texts.read(&Request { above: 1, ..Request::default() }).unwrap();
        assert_eq!(open.project.services["web"].environment.len(), 1);
    }

    #[test]
    fn a_key_is_listed_once_for_what_counts() {
        let reading = project_of(
            "services:\n  web:\n    image: a\n    ports: [\"1:1\", \"2:2\"]\n    environment: {A: \"1\"}\n",
        );
        let paths: Vec<&str> = reading.project.keys.iter().map(|key| key.path.as_str()).collect();
        assert_eq!(paths.iter().collect::<BTreeSet<_>>().len(), paths.len());
        assert_eq!(
            paths,
            [
                "services.web.image",
                "services.web.ports[0]",
                "services.web.ports[1]",
                "services.web.environment.A"
            ]
        );
    }

    #[test]
    fn a_chain_of_extends_has_no_end_in_the_stack() {
        let mut text = "services:\n  s0: {image: a}\n".to_owned();
        for index in 1..3000 {
            writeln!(text, "  s{index}: {{extends: s{}}}", index - 1).unwrap();
        }
        assert_eq!(project_of(&text).project.services.len(), 3000);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn no_text_makes_it_panic(
            pieces in proptest::collection::vec(
                (0_usize..6, "[a-z_]{1,12}|ports|volumes|environment|deploy|healthcheck|extends|build|test|command|image|secrets|depends_on|networks|<<", "\\PC{0,12}|!reset|[0-9:.-]{1,9}|\\[a, b\\]|\\{a: b\\}|\\$\\{[A-Z:?}-]{0,6}|"),
                0..24,
            ),
        ) {
            let mut text = "services:\n  web:\n".to_owned();
            for (depth, key, value) in pieces {
                writeln!(text, "{}{key}: {value}", "  ".repeat(depth)).unwrap();
            }
            let _ = Texts::new(&[("compose.yaml", &text)]).read(&Request::default());
        }

        #[test]
        fn no_value_of_any_key_makes_it_panic(
            key in "ports|volumes|environment|deploy|healthcheck|extends|build|command|image|secrets|configs|depends_on|networks|tmpfs|gpus|links|restart|user|env_file|extra_hosts|sysctls|profiles|post_start|labels",
            value in "\\[?(a|\\{a: b\\}|\\[\\]|null|1|true|\"[a-z:/.,@$-]{0,9}\"|\\{test: [a-z]*\\})(, (b|\\{\\}))?\\]?",
        ) {
            let text = format!("services: {{web: {{image: a, {key}: {value}}}}}\n");
            let _ = Texts::new(&[("compose.yaml", &text)]).read(&Request::default());
        }
    }
}
