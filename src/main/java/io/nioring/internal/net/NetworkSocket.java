package io.nioring.internal.net;

import java.net.Socket;
import java.net.SocketException;
import java.net.SocketImpl;

/** A socket with a given implementation. */
final class NetworkSocket extends Socket {
  NetworkSocket(SocketImpl implementation) throws SocketException {
    super(implementation);
  }
}
