package io.nioring.internal.platform;

import java.io.IOException;
import java.util.Optional;

/** One way to find out the identity of this process. */
interface IdentitySource {

  /**
   * Returns the identity, or nothing where this way is not open.
   *
   * @throws IOException if it turned out not to be; a runtime exception or a linkage error means
   *     the same
   */
  Optional<PosixIdentity> find() throws IOException;
}
