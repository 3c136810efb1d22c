package io.nioring.demo;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Properties;

/**
 * What one virtual machine has done, told to the main job through a properties file.
 *
 * @param gets the HTTP server and client with small requests
 * @param posts the same with bodies
 * @param echo the echo server and its clients
 * @param kernelSockets the most TCP sockets that the process held in the kernel at a time, or
 *     {@link KernelSockets#UNKNOWN}
 * @param rings what went over rings
 */
record Report(Work gets, Work posts, Work echo, int kernelSockets, RingTraffic rings) {
  void write(Path file) throws IOException {
    Properties properties = new Properties();
    write(properties, "gets", gets);
    write(properties, "posts", posts);
    write(properties, "echo", echo);
    properties.setProperty("kernelSockets", Integer.toString(kernelSockets));
    properties.setProperty("rings.connections", Long.toString(rings.connections()));
    properties.setProperty("rings.bytes", Long.toString(rings.bytes()));
    properties.setProperty("rings.kernelConnections", Long.toString(rings.kernelConnections()));
    try (BufferedWriter writer = Files.newBufferedWriter(file)) {
      properties.store(writer, null);
    }
  }

  private static void write(Properties properties, String name, Work work) {
    properties.setProperty(name + ".exchanges", Long.toString(work.exchanges()));
    properties.setProperty(name + ".payloadBytes", Long.toString(work.payloadBytes()));
    properties.setProperty(name + ".seconds", Double.toString(work.seconds()));
    properties.setProperty(name + ".processorSeconds", Double.toString(work.processorSeconds()));
  }

  static Report read(Path file) throws IOException {
    Properties properties = new Properties();
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    return new Report(
        readWork(properties, "gets"),
        readWork(properties, "posts"),
        readWork(properties, "echo"),
        Integer.parseInt(properties.getProperty("kernelSockets")),
        new RingTraffic(
            readLong(properties, "rings.connections"),
            readLong(properties, "rings.bytes"),
            readLong(properties, "rings.kernelConnections")));
  }

  private static Work readWork(Properties properties, String name) {
    return new Work(
        readLong(properties, name + ".exchanges"),
        readLong(properties, name + ".payloadBytes"),
        Double.parseDouble(properties.getProperty(name + ".seconds")),
        Double.parseDouble(properties.getProperty(name + ".processorSeconds")));
  }

  private static long readLong(Properties properties, String name) {
    return Long.parseLong(properties.getProperty(name));
  }

  /** The bytes that the programs exchanged while they were measured. */
  long payloadBytes() {
    return gets.payloadBytes() + posts.payloadBytes() + echo.payloadBytes();
  }

  /** The questions that were asked and answered meanwhile. */
  long exchanges() {
    return gets.exchanges() + posts.exchanges() + echo.exchanges();
  }

  double seconds() {
    return gets.seconds() + posts.seconds() + echo.seconds();
  }

  String kernelSocketsText() {
    return kernelSockets == KernelSockets.UNKNOWN
        ? "not available on this OS"
        : String.format(Locale.ROOT, "%,d", kernelSockets);
  }
}
