package io.nioring.programs;

import java.io.IOException;

/** A server and a client in one virtual machine, and what they do together. */
@FunctionalInterface
interface Program {
  /**
   * Starts the server and connects the client.
   *
   * @throws Exception if either cannot be started
   */
  Session open() throws Exception;

  /** A server and a client that are connected. */
  interface Session extends AutoCloseable {
    /**
     * Runs operations for as long as the budget allows.
     *
     * @throws Exception if one of them failed
     */
    void run(Budget budget) throws Exception;

    @Override
    void close() throws IOException;
  }
}
