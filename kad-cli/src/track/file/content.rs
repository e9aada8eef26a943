//! Reading the number of a file, and writing the first one.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use kaconf::InitFile;
use nix::fcntl::OFlag;

use super::number::leading_number;

/// What a file says.
#[derive(Debug)]
pub(super) enum Content {
    Number(i32),
    /// More than 32 bits.
    TooLarge,
    Missing,
    /// It is there, and cannot be read.
    Unreadable(io::Error),
}

/// Looks at the first bytes of a file; never waits for a writer of a pipe.
pub(super) fn read(path: &Path) -> Content {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlag::O_NONBLOCK.bits())
        .open(path);
    match file.and_then(|file| first_bytes(&file)) {
        Ok(bytes) => leading_number(&bytes).map_or(Content::TooLarge, Content::Number),
        Err(error) if is_missing(&error) => Content::Missing,
        Err(error) => Content::Unreadable(error),
    }
}

fn first_bytes(file: &File) -> io::Result<Vec<u8>> {
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(ENOUGH).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// `init_file`: makes the file, or says something new in it with `overwrite`.
pub(super) fn initialise(path: &Path, init: InitFile) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o644);
    options.custom_flags((OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW).bits());
    if init.overwrite {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    match options.open(path) {
        Ok(mut file) => file.write_all(format!("{}\n", init.value).as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !init.overwrite => Ok(()),
        Err(error) => Err(error),
    }
}

/// More than blanks and digits of any number that fits.
const ENOUGH: u64 = 128;

#[cfg(test)]
mod tests {
    use super::*;

    fn init(value: i32, overwrite: bool) -> InitFile {
        let mut init = InitFile::default();
        (init.value, init.overwrite) = (value, overwrite);
        init
    }

    #[test]
    fn init_file_makes_and_overwrites_as_it_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("drain");
        assert!(matches!(read(&path), Content::Missing));
        initialise(&path, init(7, false)).unwrap();
        assert!(matches!(read(&path), Content::Number(7)));
        initialise(&path, init(8, false)).unwrap();
        assert!(matches!(read(&path), Content::Number(7)));
        initialise(&path, init(-9, true)).unwrap();
        assert!(matches!(read(&path), Content::Number(-9)));
        assert!(initialise(&dir.path().join("no/where"), init(1, false)).is_err());
    }

    #[test]
    fn a_pipe_and_a_directory_are_no_files_and_do_not_stop_us() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert!(matches!(read(&pipe), Content::Unreadable(_)));
        assert!(matches!(read(dir.path()), Content::Unreadable(_)));
    }

    #[test]
    fn a_huge_file_is_not_read_to_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("huge");
        std::fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(matches!(read(&path), Content::Number(0)));
    }
}
