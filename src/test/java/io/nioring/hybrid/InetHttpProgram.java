package io.nioring.hybrid;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * A program that serves HTTP at a port, asks its own server, and asks one of another process whose
 * port it was given.
 */
final class InetHttpProgram {
  private InetHttpProgram() {}

  public static void main(String[] arguments) throws Exception {
    Served served = new Served(2 * Load.THREADS);
    try (HttpEcho server = new HttpEcho(served)) {
      System.out.println(server.port());
      Load inside = Load.ofPort(server.port(), "inside");
      Load toOutside = Load.ofPort(Integer.parseInt(arguments[0]), "other");
      inside.await();
      toOutside.await();
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
    }
    served.report();
    System.exit(0); // the client's threads go on for a while
  }
}
