//! Who asks a registry: the user that has logged in with docker or podman, else nobody in particular.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
    time::Duration,
};

use oci_client::{Reference, secrets::RegistryAuth};
use serde::Deserialize;

use super::config::{AuthFile, AuthFiles, Known};
use crate::program::{find, run_on, run_reason};

/// A keychain may ask its owner.
const LIMIT: Duration = Duration::from_secs(10);

/// The name by which registries that give tokens take one in place of a password.
const BY_TOKEN: &str = "00000000-0000-0000-0000-000000000000";

/// Who asks, and where that was looked up.
pub(super) struct Credentials {
    pub(super) auth: RegistryAuth,
    /// As in `as maria, from /home/maria/.docker/config.json`.
    pub(super) told: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

impl Credentials {
    /// Of the first file that knows the repository.
    pub(super) async fn of(files: &AuthFiles, image: &Reference) -> Self {
        let mut troubles = Vec::new();
        let programs = std::env::var_os("PATH").unwrap_or_default();
        for path in files.paths() {
            let known = match AuthFile::read(path) {
                Ok(file) => file.and_then(|file| file.known(image.registry(), image.repository())),
                Err(trouble) => {
                    troubles.push(trouble);
                    None
                }
            };
            match known {
                None => {}
                Some(Known::Login(user, password)) => {
                    let told = format!("as {user}, from {}", path.display());
                    return Self { auth: RegistryAuth::Basic(user, password), told };
                }
                Some(Known::Broken) => {
                    troubles.push(format!("the login in {} cannot be read", path.display()));
                }
                Some(Known::Helper(program, server)) => match from_helper(&programs, &program, &server).await
                {
                    Ok(Some((user, password))) => {
                        let told = format!("as {user}, from docker-credential-{program}");
                        let user = if user == "<token>" { BY_TOKEN.to_owned() } else { user };
                        return Self { auth: RegistryAuth::Basic(user, password), told };
                    }
                    Ok(None) => {}
                    Err(trouble) => troubles.push(trouble),
                },
            }
        }
        let told = if troubles.is_empty() {
            format!("as nobody: there is no login in {}", files.told())
        } else {
            format!("as nobody: {}", troubles.join("; "))
        };
        Self { auth: RegistryAuth::Anonymous, told }
    }
}

/// What a credentials program answers; `None` when it knows nothing of that server. What it prints is quoted
/// nowhere: it may be the secret.
pub(super) async fn from_helper(
    path: &OsString,
    name: &str,
    server: &str,
) -> Result<Option<(String, String)>, String> {
    let program = format!("docker-credential-{name}");
    let found = (!name.contains('/')).then(|| find(path, OsStr::new(&program))).flatten();
    let Some(found) = found else { return Err(format!("{program} is not in PATH")) };
    let output = run_on(&found, &["get"], Path::new("/"), &[], server.as_bytes(), LIMIT).await;
    let output = output.map_err(|error| format!("{program}: {}", run_reason(&error)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout).to_lowercase();
        let is_unknown = said.contains("not found");
        return if is_unknown {
            Ok(None)
        } else {
            Err(format!("{program} has ended with {}", output.status))
        };
    }
    let answer: Answer = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("{program} has not answered as it should"))?;
    Ok(Some((answer.username, answer.secret)))
}
