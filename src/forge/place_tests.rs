//! With a `git` that says what a repository would, and one that is the real one.

use std::{ffi::OsStr, fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use super::find;
use crate::{diff::Problem, forge::Surroundings, plan::WorkflowAt};

/// A repository's folder with these remotes and workflow files, and a `git` that knows them.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(remotes: &[(&str, &str)], files: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workflows = folder.path().join(".github/workflows");
        fs::create_dir_all(&workflows).unwrap();
        for file in files {
            fs::write(workflows.join(file), "on: push").unwrap();
        }
        let names: Vec<String> = remotes.iter().map(|(name, _)| format!("echo {name}")).collect();
        let urls: Vec<String> =
            remotes.iter().map(|(name, url)| format!("'remote get-url -- {name}') echo '{url}';;")).collect();
        let script = format!(
            "#!/bin/sh\ncase \"$*\" in\nremote) {};;\n{}\n'rev-parse --show-toplevel') pwd;;\n*) echo fatal >&2; exit 128;;\nesac\n",
            if names.is_empty() { "true".to_owned() } else { names.join("; ") },
            urls.join("\n")
        );
        program(folder.path(), "git", &script);
        Self { folder }
    }

    async fn find(&self, at: &WorkflowAt) -> Result<(String, Option<String>), Problem> {
        let surroundings = Surroundings::new([], self.folder.path().as_os_str());
        let found = find(self.folder.path(), at, &surroundings).await?;
        Ok((found.of.to_string(), found.note))
    }
}

fn program(folder: &Path, name: &str, script: &str) {
    let path = folder.join(name);
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn the_remote_and_the_only_workflow_are_found() {
    let place = Place::new(&[("origin", "git@github.com:acme/shop.git")], &["deploy.yml", "test.yml"]);
    let found = place.find(&WorkflowAt::default()).await.unwrap();
    assert_eq!(found, ("deploy.yml of acme/shop".to_owned(), None));
    let place = Place::new(
        &[("backup", "git@gitlab.com:acme/shop.git"), ("origin", "https://user:secret@github.com/acme/shop")],
        &["ship.yaml"],
    );
    let (of, note) = place.find(&WorkflowAt::default()).await.unwrap();
    assert_eq!(of, "ship.yaml of acme/shop");
    assert_eq!(note.unwrap(), "of 2 git remotes, origin is asked; ship.yaml is the only workflow there");
}

#[tokio::test]
async fn another_forge_is_named_for_what_it_is() {
    for (url, told) in [
        (
            "https://gitlab.com/acme/team/shop.git",
            "gitlab.com/acme/team/shop, on GitLab: runs are shown for GitHub only",
        ),
        ("git@codeberg.org:acme/shop.git", "on Codeberg (Forgejo)"),
        ("https://user:secret@bitbucket.org/acme/shop", "on Bitbucket"),
        ("git@git.acme.example:acme/shop.git", "git.acme.example is not known to be a GitHub"),
        ("/srv/git/shop.git", "is a folder on this machine"),
    ] {
        let problem =
            Place::new(&[("origin", url)], &["deploy.yml"]).find(&WorkflowAt::default()).await.unwrap_err();
        assert!(problem.reason.contains(told) && !problem.reason.contains("secret"), "{url}: {problem}");
    }
    let place = Place::new(&[("origin", "git@git.acme.example:acme/shop.git")], &["deploy.yml"]);
    let at = WorkflowAt { host: Some("git.acme.example".into()), ..WorkflowAt::default() };
    assert_eq!(place.find(&at).await.unwrap().0, "deploy.yml of git.acme.example/acme/shop");
}

#[tokio::test]
async fn what_cannot_be_found_is_said_with_what_to_write() {
    let problem = Place::new(&[], &["deploy.yml"]).find(&WorkflowAt::default()).await.unwrap_err();
    assert!(
        problem.reason.contains("no remote") && problem.remedy.contains("repository: OWNER/NAME"),
        "{problem}"
    );
    let origin = [("origin", "git@github.com:acme/shop.git")];
    let problem = Place::new(&origin, &[]).find(&WorkflowAt::default()).await.unwrap_err();
    assert!(problem.reason.contains("there is no workflow"), "{problem}");
    let problem = Place::new(&origin, &["a.yml", "b.yml"]).find(&WorkflowAt::default()).await.unwrap_err();
    assert!(problem.reason.contains("a.yml, b.yml"), "{problem}");
    // What the plan says needs no git.
    let at = WorkflowAt {
        repository: Some("acme/shop".into()),
        file: Some("b.yml".into()),
        branch: Some("main".into()),
        host: None,
    };
    let nowhere = Surroundings::new([], OsStr::new(""));
    assert_eq!(
        find(Path::new("/"), &at, &nowhere).await.unwrap().of.to_string(),
        "b.yml of acme/shop on main"
    );
    let problem = find(Path::new("/"), &WorkflowAt::default(), &nowhere).await.unwrap_err();
    assert!(problem.reason.contains("git is not installed"), "{problem}");
}

#[tokio::test]
async fn the_real_git_is_asked_as_it_wants_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        Command::new("git")
            .args(arguments)
            .current_dir(folder.path())
            .status()
            .is_ok_and(|status| status.success())
    };
    assert!(git(&["init", "-q"]), "this test needs git");
    assert!(git(&["remote", "add", "origin", "ssh://git@github.com/acme/shop.git"]));
    let workflows = folder.path().join(".github/workflows");
    fs::create_dir_all(&workflows).unwrap();
    fs::write(workflows.join("deploy.yml"), "on: push").unwrap();
    let below = folder.path().join("deploy/plan");
    fs::create_dir_all(&below).unwrap();
    let surroundings = Surroundings::new([], &std::env::var_os("PATH").unwrap());
    let found = find(&below, &WorkflowAt::default(), &surroundings).await.unwrap();
    assert_eq!((found.of.to_string(), found.note), ("deploy.yml of acme/shop".to_owned(), None));
}

#[tokio::test]
async fn a_token_goes_to_the_host_that_it_is_for() {
    let folder = tempfile::tempdir().unwrap();
    program(
        folder.path(),
        "gh",
        "#!/bin/sh\ntest \"$*\" = 'auth token --hostname git.acme.example' && echo gho_fromGh\n",
    );
    let path = folder.path().as_os_str();
    let token = async |surroundings: &Surroundings, host: &str| {
        surroundings.token(host, folder.path()).await.map(|token| token.secret().to_owned())
    };
    let own = Surroundings::new(
        [("GITHUB_TOKEN", "three"), ("GH_TOKEN", " two\n"), ("GH_ENTERPRISE_TOKEN", "other")],
        path,
    );
    assert_eq!(token(&own, "github.com").await.as_deref(), Some("two"));
    assert_eq!(token(&own, "evil.example").await, None, "whatever a plan names");
    assert_eq!(token(&own, "git.acme.example").await.as_deref(), Some("gho_fromGh"));
    let first = Surroundings::new([("MIGRATE_TUI_GITHUB_TOKEN", "one"), ("GH_TOKEN", "two")], path);
    assert_eq!(token(&first, "github.com").await.as_deref(), Some("one"));
    let enterprise = [("GH_HOST", "evil.example"), ("GH_TOKEN", "two"), ("GH_ENTERPRISE_TOKEN", "other")];
    let enterprise = Surroundings::new(enterprise, path);
    assert_eq!(token(&enterprise, "evil.example").await.as_deref(), Some("other"), "the operator says so");
    assert_eq!(token(&enterprise, "github.com").await.as_deref(), Some("two"));
    for bad in ["", "  ", "two words", "line\nbreak"] {
        assert_eq!(token(&Surroundings::new([("GH_TOKEN", bad)], path), "github.com").await, None, "{bad:?}");
    }
}
