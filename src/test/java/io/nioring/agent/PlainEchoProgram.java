package io.nioring.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A program that uses no channels. */
final class PlainEchoProgram {

  private PlainEchoProgram() {}

  public static void main(String[] args) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket accepted = server.accept()) {
      client.getOutputStream().write("hello".getBytes(UTF_8));
      System.out.println(new String(accepted.getInputStream().readNBytes(5), UTF_8));
    }
    Report.print();
  }
}
