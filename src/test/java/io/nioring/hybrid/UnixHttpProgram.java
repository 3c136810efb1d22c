package io.nioring.hybrid;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A program that serves HTTP at the path that it was given, and asks its own server. */
final class UnixHttpProgram {
  private UnixHttpProgram() {}

  public static void main(String[] arguments) throws Exception {
    Path path = Path.of(arguments[0]);
    Served served = new Served(2 * Load.THREADS);
    try (UnixHttpEcho server = new UnixHttpEcho(path, served)) {
      System.out.println(server.address());
      Load.ofPath(path, "inside").await();
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
    }
    served.report();
  }
}
