//! What docker and podman know of credentials: their files, as data.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig},
};
use serde::Deserialize;

/// The files with logins, in the order in which they are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthFiles(Vec<PathBuf>);

impl AuthFiles {
    /// Those of this user: `REGISTRY_AUTH_FILE`, docker's `config.json` and podman's `auth.json`.
    #[must_use]
    pub fn of_user() -> Self {
        let variable =
            |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let docker = variable("DOCKER_CONFIG").or_else(|| Some(variable("HOME")?.join(".docker")));
        let podman = variable("XDG_RUNTIME_DIR").map(|folder| folder.join("containers/auth.json"));
        let files = [variable("REGISTRY_AUTH_FILE"), docker.map(|folder| folder.join("config.json")), podman];
        Self(files.into_iter().flatten().collect())
    }

    /// These files.
    #[must_use]
    pub fn at(files: Vec<PathBuf>) -> Self {
        Self(files)
    }

    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.0
    }

    /// `/home/me/.docker/config.json or /run/user/1000/containers/auth.json`.
    pub(super) fn told(&self) -> String {
        let all: Vec<String> = self.0.iter().map(|path| path.display().to_string()).collect();
        all.join(" or ")
    }
}

/// One of these files.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuthFile {
    #[serde(default)]
    auths: BTreeMap<String, Login>,
    creds_store: Option<String>,
    #[serde(default)]
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
struct Login {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

/// What a file says of a registry.
pub(super) enum Known {
    /// A user and a password.
    Login(String, String),
    /// A program that knows, as in `docker-credential-NAME`, and what it is asked for.
    Helper(String, String),
    /// A login that cannot be read.
    Broken,
}

impl AuthFile {
    /// Reads a file; `None` when it is not there.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, String> {
        match std::fs::read(path) {
            // What is in it is never quoted: it holds passwords.
            Ok(text) => serde_json::from_slice(&text)
                .map(Some)
                .map_err(|error| format!("{} cannot be read: line {}", path.display(), error.line())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{} cannot be read: {error}", path.display())),
        }
    }

    /// What it says of a repository of a registry.
    pub(super) fn known(&self, registry: &str, repository: &str) -> Option<Known> {
        let names = names(registry, repository);
        let helper = |program: &String, name: &String| Known::Helper(program.clone(), name.clone());
        if let Some((program, name)) =
            names.iter().find_map(|name| Some((self.cred_helpers.get(name)?, name)))
        {
            return Some(helper(program, name));
        }
        let known = names.iter().find_map(|name| self.auths.get(name)).and_then(Login::read);
        known.or_else(|| Some(helper(self.creds_store.as_ref()?, &server(registry))))
    }
}

impl Login {
    /// An empty one only says that the credentials store has it.
    fn read(&self) -> Option<Known> {
        if let (Some(user), Some(password)) = (&self.username, &self.password) {
            return Some(Known::Login(user.clone(), password.clone()));
        }
        let text = self.auth.as_ref().filter(|text| !text.is_empty())?;
        let padding = base64::engine::DecodePaddingMode::Indifferent;
        let engine =
            GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(padding));
        let decoded = engine.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        match decoded.as_deref().and_then(|decoded| decoded.split_once(':')) {
            Some((user, password)) => Some(Known::Login(user.to_owned(), password.to_owned())),
            None => Some(Known::Broken),
        }
    }
}

/// Docker Hub's name in these files is that of its first API.
fn server(registry: &str) -> String {
    if registry == "docker.io" { "https://index.docker.io/v1/".to_owned() } else { registry.to_owned() }
}

/// The names that a login may have, the narrowest first.
fn names(registry: &str, repository: &str) -> Vec<String> {
    let whole = format!("{registry}/{repository}");
    let slashes: Vec<usize> = whole.match_indices('/').map(|(at, _)| at).collect();
    let narrower = slashes.iter().rev().filter_map(|at| whole.get(..*at)).map(str::to_owned);
    let mut names: Vec<String> = std::iter::once(whole.clone()).chain(narrower).collect();
    names.push(server(registry));
    names.extend(["", "/v1/", "/v2/"].map(|end| format!("https://{registry}{end}")));
    names
}

#[cfg(test)]
mod tests {
    use super::{AuthFile, Known};

    fn known(text: &str, registry: &str) -> String {
        let file: AuthFile = serde_json::from_str(text).unwrap();
        match file.known(registry, "acme/app") {
            None => "nothing".to_owned(),
            Some(Known::Login(user, password)) => format!("{user}:{password}"),
            Some(Known::Helper(program, name)) => format!("{program} {name}"),
            Some(Known::Broken) => "broken".to_owned(),
        }
    }

    #[test]
    fn logins_are_found_as_docker_and_podman_write_them() {
        for (text, registry, wanted) in [
            (r#"{"auths": {"ghcr.io": {"auth": "bWU6czpjcmV0"}}}"#, "ghcr.io", "me:s:cret"),
            (r#"{"auths": {"https://ghcr.io": {"auth": "bWU6cw"}}}"#, "ghcr.io", "me:s"),
            (r#"{"auths": {"https://index.docker.io/v1/": {"auth": "bWU6cw=="}}}"#, "docker.io", "me:s"),
            (r#"{"auths": {"ghcr.io/acme": {"auth": "bWU6cw=="}, "ghcr.io": {}}}"#, "ghcr.io", "me:s"),
            (r#"{"auths": {"ghcr.io": {"username": "a", "password": "b"}}}"#, "ghcr.io", "a:b"),
            (r#"{"auths": {"ghcr.io": {"auth": "%%"}}}"#, "ghcr.io", "broken"),
            (r#"{"auths": {"ghcr.io": {}}, "credsStore": "desktop"}"#, "ghcr.io", "desktop ghcr.io"),
            (r#"{"credsStore": "d"}"#, "docker.io", "d https://index.docker.io/v1/"),
            (r#"{"credHelpers": {"ghcr.io": "gh"}, "credsStore": "d"}"#, "ghcr.io", "gh ghcr.io"),
            (r#"{"auths": {"quay.io": {"auth": "bWU6cw=="}}}"#, "ghcr.io", "nothing"),
        ] {
            assert_eq!(known(text, registry), wanted, "{text}");
        }
    }
}
