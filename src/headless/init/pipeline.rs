//! The workflow that builds a project's images and deploys them.

use crate::{
    compose::Build,
    import::Pipeline,
    workflow::{Deploy, Image, generate},
};

/// Where GitHub looks for it.
pub(super) const PATH: &str = ".github/workflows/deploy.yml";

/// Its text.
pub(super) fn file(pipeline: &Pipeline) -> String {
    generate(&Deploy {
        images: pipeline.builds.iter().map(|(name, build)| image(name, build)).collect(),
        overlays: "kubernetes/overlays".to_owned(),
        environments: ["dev", "staging", "prod"].map(str::to_owned).to_vec(),
        on_push: "staging".to_owned(),
        namespace: pipeline.namespace.clone(),
        workloads: pipeline.workloads.clone(),
    })
}

fn image(name: &str, build: &Build) -> Image {
    let is_local = !build.context.contains("://");
    let dockerfile = build.dockerfile.as_ref();
    Image {
        name: name.to_owned(),
        context: build.context.clone(),
        dockerfile: dockerfile.map(|file| if is_local { joined(&build.context, file) } else { file.clone() }),
        target: build.target.clone(),
        args: build.args.clone(),
        platforms: build.platforms.clone(),
    }
}

/// A file's path from the context's, without `.` in between.
fn joined(context: &str, file: &str) -> String {
    let context = context.trim_end_matches('/').trim_start_matches("./");
    // One of the files that were written, at the repository's root.
    if let Some(written) = file.strip_prefix("/docker/") {
        return format!("docker/{written}");
    }
    let file = file.trim_start_matches("./");
    if context.is_empty() || context == "." || file.starts_with('/') {
        file.to_owned()
    } else {
        format!("{context}/{file}")
    }
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn a_dockerfile_is_named_from_the_root() {
        assert_eq!(joined("./services/web/", "./prod.Dockerfile"), "services/web/prod.Dockerfile");
        assert_eq!(joined(".", "docker/web"), "docker/web");
    }
}
