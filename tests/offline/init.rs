//! `init` as an operator runs it: the program, compose files and a folder on the disk.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

/// A repository with one of the compose projects in it. Its folder always has the same name, as the stack has it.
pub(crate) struct Repository {
    pub(crate) root: PathBuf,
    _folder: TempDir,
}

impl Repository {
    pub(crate) fn with(project: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("shop");
        fs::create_dir(&root).unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compose").join(project), &root);
        Self { root, _folder: folder }
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_migrate-tui"));
        command.arg("init").args(arguments).args(["-o", "json"]).current_dir(&self.root);
        command.env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR")).env_remove("COMPOSE_FILE");
        command
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The report, which ends with this code.
    fn init(&self, arguments: &[&str], code: i32) -> Value {
        let output = self.output(arguments);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{text}{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_str(&text).unwrap()
    }

    fn digest(&self, arguments: &[&str]) -> String {
        self.init(arguments, 3)["digest"].as_str().unwrap().to_owned()
    }

    /// Every file with its text, but for what only this machine keeps.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut open = vec![self.root.clone()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(&self.root).unwrap().display().to_string();
                if name == ".migrate-tui/init" {
                    continue;
                }
                if path.is_dir() {
                    open.push(path);
                } else {
                    found.insert(name, fs::read_to_string(path).unwrap());
                }
            }
        }
        found
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn action<'r>(report: &'r Value, path: &str) -> &'r str {
    let rows = report["files"].as_array().unwrap();
    rows.iter().find(|row| row["path"] == path).map_or("none", |row| row["action"].as_str().unwrap())
}

#[test]
fn an_edit_survives_a_second_init_and_both_are_taken_back() {
    let repository = Repository::with("02-web-and-db");
    let before = repository.files();
    let digest = repository.digest(&[]);
    assert_eq!(repository.files(), before, "nothing is written without an approval");
    repository.init(&["--approve", "0123456789ab"], 4);
    repository.init(&["--approve", &digest, "--read-only"], 5);
    assert_eq!(repository.files(), before);
    repository.init(&["--approve", &digest[..12]], 0);
    repository.init(&[], 0);
    let first = repository.files();
    for name in
        ["plan.yaml", "MIGRATION.md", "kubernetes/base/kustomization.yml", ".github/workflows/deploy.yml"]
    {
        assert!(first.contains_key(name), "{name}");
    }

    let edited = "kubernetes/base/kustomization.yml";
    let mine = format!("{}# mine\n", first[edited]);
    fs::write(repository.at(edited), &mine).unwrap();
    let compose = repository.root.join("compose.yaml");
    let compose = if compose.exists() { compose } else { repository.at("docker-compose.yml") };
    let text = fs::read_to_string(&compose).unwrap();
    let more = text.replacen(
        "services:\n",
        "services:\n  added:\n    image: nginx:1.29\n    ports: [\"8099:80\"]\n",
        1,
    );
    assert_ne!(text, more);
    fs::write(&compose, more).unwrap();
    let shown = repository.init(&[], 3);
    assert_eq!(action(&shown, edited), "edited");
    assert_eq!(action(&shown, "kubernetes/base/kustomization.yml.new"), "create");
    assert_eq!(action(&shown, "kubernetes/base/added-deployment.yml"), "create");
    repository.init(&["--approve", shown["digest"].as_str().unwrap()], 0);
    assert_eq!(repository.files()[edited], mine);
    assert!(repository.files()["kubernetes/base/kustomization.yml.new"].contains("added"));

    let back = repository.digest(&["--rollback"]);
    repository.init(&["--rollback", "--approve", &back], 0);
    fs::write(&compose, text).unwrap();
    let mut expected = first;
    expected.insert(edited.to_owned(), mine.clone());
    assert_eq!(repository.files(), expected);
    let back = repository.digest(&["--rollback"]);
    let report = repository.init(&["--rollback", "--approve", &back], 7);
    assert_eq!(action(&report, edited), "edited");
    let mut expected = before;
    expected.insert(edited.to_owned(), mine);
    let left = repository.files();
    let left: BTreeMap<_, _> =
        left.into_iter().filter(|(name, _)| !name.starts_with(".migrate-tui")).collect();
    assert_eq!(left, expected);
}

#[test]
fn a_kill_at_any_moment_is_told_and_finished_or_taken_back() {
    let whole = Repository::with("01-one-service");
    let before = whole.files();
    let digest = whole.digest(&[]);
    let files = whole.init(&["--approve", &digest], 0)["files"].as_array().unwrap().len();
    let after = whole.files();
    // After the journal, before each of the first two files, half-way, before the last, before the record, after it.
    for moment in [1, 2, 3, files / 2, files + 1, files + 2, files + 3] {
        for takes_back in [false, true] {
            let repository = Repository::with("01-one-service");
            let number = moment.to_string();
            let killed = repository.output(&["--approve", &digest, "--die-before-entry", &number]);
            assert_eq!(killed.status.signal(), Some(9), "moment {moment}: {killed:?}");
            let told = repository.init(&[], 8);
            assert!(told["summary"].as_str().unwrap().contains("interrupted"), "{told}");
            if takes_back {
                let back = repository.digest(&["--rollback"]);
                repository.init(&["--rollback", "--approve", &back], 0);
                assert_eq!(repository.files(), before, "taken back from moment {moment}");
            } else {
                repository.init(&["--approve", &digest], 0);
                assert_eq!(repository.files(), after, "finished from moment {moment}");
                repository.init(&[], 0);
            }
        }
    }
}

#[test]
fn a_disk_that_takes_no_more_leaves_nothing_behind() {
    let repository = Repository::with("02-web-and-db");
    let before = repository.files();
    let digest = repository.digest(&[]);
    let program = repository.command(&["--approve", &digest]);
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\""]).arg(program.get_program());
    limited.args(program.get_args()).current_dir(&repository.root);
    let output = limited.env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR")).output().unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{report}");
    assert!(report.contains("free some space"), "{report}");
    assert_eq!(repository.files(), before);
    assert!(!repository.at(".migrate-tui").exists());
}

#[test]
fn bad_input_is_told_with_its_place() {
    let repository = Repository::with("01-one-service");
    fs::write(repository.at("broken.yml"), "services:\n  web:\n    image: [\n").unwrap();
    let report = repository.init(&["-f", "broken.yml"], 1);
    let diagnostic = &report["diagnostics"][0];
    assert!(diagnostic["file"].as_str().unwrap().ends_with("broken.yml"), "{report}");
    assert!(diagnostic["line"].as_u64().unwrap() >= 3, "{report}");
    repository.init(&["--into", "nowhere"], 1);
    repository.init(&["--rollback"], 1);
}
