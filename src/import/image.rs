//! Which image a service runs, and where its version is written.

use super::{desk::Desk, known, names, secrecy};
use crate::compose::{Build, Service};

/// What an overlay says of an image that it has no version for yet.
const NOT_BUILT: &str = "not-built-yet";

/// An image in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Image {
    /// With its registry.
    pub(super) name: String,
    /// The tag.
    pub(super) tag: Option<String>,
    /// As in `sha256:…`.
    pub(super) digest: Option<String>,
    /// Built by this project?
    pub(super) is_built: bool,
    /// The folder that it is built in.
    pub(super) context: Option<String>,
}

impl Image {
    /// As in `registry:5000/team/web:1.2@sha256:…`.
    pub(super) fn parse(text: &str) -> Self {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (text, None),
        };
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag.to_owned())),
            _ => (rest, None),
        };
        Self { name: name.to_owned(), tag, digest, is_built: false, context: None }
    }

    /// With its version, where the base has to name it.
    pub(super) fn written(&self) -> String {
        let tag = self.tag.as_ref().map(|tag| format!(":{tag}")).unwrap_or_default();
        let digest = self.digest.as_ref().map(|digest| format!("@{digest}")).unwrap_or_default();
        format!("{}{tag}{digest}", self.name)
    }

    /// Does pulling it want credentials, as far as the name tells?
    pub(super) fn is_private(&self) -> bool {
        const PUBLIC: [&str; 7] = [
            "docker.io",
            "quay.io",
            "gcr.io",
            "registry.k8s.io",
            "mcr.microsoft.com",
            "public.ecr.aws",
            "docker.elastic.co",
        ];
        let (first, _) = self.name.split_once('/').unwrap_or(("", ""));
        let is_registry = first.contains(['.', ':']) || first == "localhost";
        self.is_built || (is_registry && !PUBLIC.contains(&first))
    }

    /// Is it one of the alpine versions?
    pub(super) fn is_alpine(&self) -> bool {
        self.tag.as_ref().is_some_and(|tag| tag.contains("alpine"))
    }

    pub(super) fn known(&self) -> Option<&'static known::Known> {
        if self.is_built { None } else { known::of(&self.name) }
    }
}

/// The service's image, with what its keys became.
pub(super) fn of(desk: &mut Desk<'_>, service: &Service) -> Image {
    let name = desk.names.of(&service.name).to_owned();
    let mut image = service.image.as_ref().map(|image| Image::parse(&image.value));
    if let Some(build) = &service.build {
        let registry = desk.options.registry.clone();
        let registry = registry.as_deref().unwrap_or("registry.example.com").trim_end_matches('/').to_owned();
        let written = image.take();
        let own = match &written {
            Some(image) if image.name.contains('/') => image.name.clone(),
            Some(image) => format!("{registry}/{}", image.name),
            None => format!("{registry}/{}-{name}", names::fit(&desk.project.name)),
        };
        let tag = written.as_ref().and_then(|image| image.tag.clone()).filter(|tag| tag != "latest");
        if let Some(image) = &service.image {
            desk.ledger.mapped(&image.path, format!("the image {own}, which week 2 builds"));
        }
        desk.ledger.approximated(
            &build.path,
            format!(
                "the image {own}: built and pushed by hand in week 1, and by the pipeline from week 2 on"
            ),
        );
        let context = Some(build.value.context.clone());
        inline_dockerfile(desk, service, &build.value, &build.path);
        return Image {
            name: own,
            tag: tag.or_else(|| Some(NOT_BUILT.to_owned())),
            digest: None,
            is_built: true,
            context,
        };
    }
    let Some(image) = image else {
        let origin = service.origin.clone();
        desk.ask(
            &service.name,
            Some(&origin),
            "which image does it run? It has neither `image` nor `build`",
            "an image that does not exist",
        );
        return Image {
            name: format!("registry.example.com/{name}"),
            tag: Some(NOT_BUILT.to_owned()),
            digest: None,
            is_built: true,
            context: None,
        };
    };
    let (Some(placed), image) = (&service.image, image) else { return Image::parse("") };
    match (&image.tag, &image.digest) {
        (_, Some(_)) => desk.ledger.mapped(&placed.path, "the image, by its digest"),
        (None, None) => {
            desk.ledger.approximated(&placed.path, "the image with the tag `latest`, which is what no tag means");
            desk.ask(
                &service.name,
                Some(&placed.origin),
                format!("which version of {} does it run? No tag is said, and what that means changes by itself", image.name),
                "the tag `latest` in the overlays",
            );
        }
        (Some(tag), None) if tag == "latest" => desk.ledger.approximated(
            &placed.path,
            "the image with the tag `latest`: it changes by itself, and there is no way back to what ran; name a version",
        ),
        (Some(tag), None) => desk.ledger.mapped(&placed.path, format!("the image; the overlays name its tag {tag}")),
    }
    Image {
        tag: if image.tag.is_none() && image.digest.is_none() {
            Some("latest".to_owned())
        } else {
            image.tag
        },
        ..image
    }
}

/// Where the Dockerfile goes that a compose file has inside.
pub(super) fn inline_path(name: &str) -> String {
    format!("docker/{name}.Dockerfile")
}

/// A Dockerfile in the compose file becomes one of its own, unless there is a secret in it.
fn inline_dockerfile(desk: &mut Desk<'_>, service: &Service, build: &Build, path: &str) {
    let Some(text) = &build.inline_dockerfile else { return };
    let name = desk.names.of(&service.name).to_owned();
    let path = format!("{path}.dockerfile_inline");
    let file = inline_path(&name);
    if text.lines().any(|line| desk.tells_secret(line) || has_secret_variable(line)) {
        desk.ledger.not_mapped(&path, format!("there is a secret in it: write {file} without it, and mount the secret with `RUN --mount=type=secret`"));
        desk.ask(
            &service.name,
            Some(&service.origin),
            format!("what is {file}? The Dockerfile in the compose file holds a secret, which everybody who has the image can read"),
            "no such file: its image cannot be built",
        );
        return;
    }
    desk.ledger.mapped(&path, format!("the file {file}, which week 2 builds"));
    desk.dockerfiles.insert(file, text.clone());
}

/// `ENV NAME=value` and `ARG NAME=value` with a name that tells.
fn has_secret_variable(line: &str) -> bool {
    let mut words = line.split([' ', '\t', '=']).filter(|word| !word.is_empty());
    let is_variable =
        words.next().is_some_and(|word| matches!(word.to_ascii_uppercase().as_str(), "ENV" | "ARG"));
    is_variable && words.next().is_some_and(secrecy::is_secret_name) && words.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::Image;

    #[test]
    fn an_image_comes_apart() {
        let image = Image::parse("registry:5000/team/web:1.2@sha256:ab");
        assert_eq!((image.name.as_str(), image.tag.as_deref()), ("registry:5000/team/web", Some("1.2")));
        assert_eq!(image.digest.as_deref(), Some("sha256:ab"));
        assert!(image.is_private());
        let image = Image::parse("registry:5000/web");
        assert_eq!((image.name.as_str(), image.tag), ("registry:5000/web", None));
        assert!(!Image::parse("bitnami/redis:7").is_private());
        assert!(!Image::parse("postgres").is_private());
    }
}
