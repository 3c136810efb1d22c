package io.nioring.internal.platform;

import java.io.IOException;
import java.util.Optional;

/**
 * The identity of the process from the owner of a new file. A file belongs to the effective user;
 * its group is the effective one too, unless the system (BSD, macOS) or the set-group-id bit of the
 * directory makes it inherit the directory's (open(2)).
 */
final class TemporaryFileIdentity implements IdentitySource {

  @Override
  public Optional<PosixIdentity> find() throws IOException {
    SpareDescriptors.ensure();
    FileOwner owner = FileOwner.ofTemporaryFile();
    return Optional.of(
        new PosixIdentity(
            PosixIdentity.currentPid(),
            owner.uid(),
            owner.gid(),
            owner.userName(),
            owner.groupName()));
  }
}
