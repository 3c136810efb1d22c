package io.nioring.internal.platform;

import java.io.IOException;
import java.util.Optional;

/** A source for the identity of this process. */
interface IdentitySource {

  /**
   * Returns the identity, or nothing where this source does not apply.
   *
   * @throws IOException if it turns out not to apply; a runtime exception or a linkage error means
   *     the same
   */
  Optional<PosixIdentity> find() throws IOException;
}
