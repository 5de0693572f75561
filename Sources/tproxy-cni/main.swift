import CNI

PluginProgram.run()
